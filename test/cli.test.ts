import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "chai";
import { COMMANDS } from "../harness/cli/command-table.ts";
import type { Finished } from "../harness/process/run.ts";
import { modulesLoadedBy, runCli, runOnTerminal } from "./run-cli.ts";

const names = COMMANDS.map(({ name }) => name);

/** What every failure must keep to: a code, no stack, no internals. */
function expectRendered({ stdout, stderr }: Finished, code: string): void {
  expect(stderr).to.contain(`[${code}]`);
  expect(stderr).to.not.match(/^\s+at /m);
  expect(stdout).to.equal("");
}

describe("plumbline --help", () => {
  it("names every command, examples, exit codes and where to read on", async () => {
    const { exitCode, stdout, stderr } = await runCli(["--help"]);
    expect(exitCode).to.equal(0);
    expect(stderr).to.equal("");
    for (const name of names) expect(stdout).to.match(new RegExp(`^  ${name}\\b`, "m"));
    expect(stdout).to.contain("Examples:").and.to.contain("Exit codes:").and.to.contain("README.md");
  });

  it("has all commands", () => {
    const wanted = ["doctor", "images", "up", "run", "down", "list", "gc", "quickstart", "prove", "matrix"];
    const ofRecords = ["report", "verify", "compare", "merge"];
    expect(names).to.have.members([...wanted, ...ofRecords, "init", "explain", "docs", "completion"]);
  });

  it("is shown for no command, as an error", async () => {
    const { exitCode, stdout, stderr } = await runCli([]);
    expect([exitCode, stdout]).to.deep.equal([2, ""]);
    expect(stderr).to.contain("Examples:").and.to.contain("no command given");
  });
});

describe("the help of a command", () => {
  const helps = new Map<string, Finished>();
  before(async function () {
    this.timeout(60_000);
    for (const name of names) helps.set(name, await runCli(name === "up" ? ["help", "up"] : [name, "--help"]));
  });

  for (const name of names) {
    it(`teaches ${name}`, () => {
      const { exitCode, stdout, stderr } = helps.get(name) ?? expect.fail("no help");
      expect([exitCode, stderr]).to.deep.equal([0, ""]);
      expect(stdout).to.contain(`Usage: plumbline ${name}`);
      expect(stdout, "two examples").to.match(/Examples:\n +plumbline .*\n(?: +.*\n)* +plumbline /);
      expect(stdout, "global options").to.contain("--verbose");
    });
  }
});

describe("what is mistyped", () => {
  for (const [title, args, message, hint] of [
    ["a command", ["lsit"], "unknown command 'lsit'", "list"],
    ["an option", ["list", "--jsn"], "unknown option '--jsn'", "--json"],
    ["a global option", ["--verbos", "list"], "unknown option '--verbos'", "--verbose"],
    ["a choice", ["list", "case"], "case", "cases"],
    ["a stack", ["up", "--stack", "flanel-thick"], "flanel-thick", "flannel-thick"],
  ] as const) {
    it(`is answered with the nearest name: ${title}`, async () => {
      const done = await runCli(args);
      expect(done.exitCode).to.equal(2);
      expect(done.stderr)
        .to.contain(message)
        .and.to.match(new RegExp(`did you mean ${hint}`, "i"));
      expectRendered(done, done.stderr.match(/\[(PL_\w+)\]/)?.[1] ?? "PL_");
    });
  }
});

describe("errors", () => {
  it("have a stack with --verbose alone", async () => {
    const { exitCode, stderr } = await runCli(["gc", "--dry-run", "--verbose"]);
    expect(exitCode).to.equal(3);
    expect(stderr).to.match(/^ +at /m);
  });

  it("of the host end with 3, without a stack", async () => {
    const done = await runCli(["gc", "--dry-run", "--quiet"]);
    expect(done.exitCode).to.equal(3);
    expectRendered(done, done.stderr.match(/\[(PL_\w+)\]/)?.[1] ?? "PL_");
  });

  it("are a JSON document with --json", async () => {
    const { exitCode, stdout, stderr } = await runCli(["gc", "--json", "--quiet"]);
    expect(stderr).to.equal("");
    const { error } = JSON.parse(stdout) as { error: Record<string, unknown> };
    expect(error).to.include({ kind: "host", exitCode });
    expect(error["code"]).to.match(/^PL_/);
  });
});

describe("a plugin of one's own", () => {
  it("that is not there ends the run before anything is begun", async () => {
    const { exitCode, stdout } = await runCli(["run", "--json", "--quiet", "--plugin", "./no-such-cni"]);
    expect(exitCode).to.equal(2);
    const { error } = JSON.parse(stdout) as { error: Record<string, unknown> };
    expect(error).to.include({ code: "PL_PLUGIN_FILE", kind: "usage" });
    expect(error["message"]).to.contain("no-such-cni cannot be read");
  });
});

describe("a plugin of one's own, of another machine", () => {
  let dir: string;
  before(() => (dir = mkdtempSync(path.join(tmpdir(), "plumbline-arch-"))));
  after(() => rmSync(dir, { recursive: true }));

  it("ends the run before anything is begun, with what it is built for and what to do", async () => {
    // the beginning of a program for the other of the two architectures, as the kernel reads it
    const [machine, name] = process.arch === "arm64" ? ([62, "amd64"] as const) : ([183, "arm64"] as const);
    const header = Buffer.alloc(256);
    header.write("\u007fELF\u0002\u0001\u0001", "latin1");
    header.writeUInt16LE(2, 16);
    header.writeUInt16LE(machine, 18);
    const file = path.join(dir, "my-cni");
    writeFileSync(file, header, { mode: 0o755 });
    const { exitCode, stderr } = await runCli(["run", "--plugin", file]);
    expect(exitCode, stderr).to.equal(2);
    expect(stderr).to.contain("[PL_PLUGIN_ARCH]").and.to.contain(name).and.to.contain("hint:");
    expect(stderr).to.not.match(/^\s+at /m);
  });
});

describe("plumbline list", () => {
  it("shows everything short, without Docker", async () => {
    const { exitCode, stdout, stderr } = await runCli(["list"]);
    expect([exitCode, stderr]).to.deep.equal([0, ""]);
    expect(stdout).to.contain("ptp-thick").and.to.contain("quick").and.to.contain("ATT-003");
    expect(stdout).to.not.contain("\x1b[");
  });

  it("gives everything as JSON", async () => {
    const { exitCode, stdout } = await runCli(["list", "--json"]);
    expect(exitCode).to.equal(0);
    const lists = JSON.parse(stdout) as Record<string, object[]>;
    expect(lists).to.have.all.keys("stacks", "profiles", "cases", "faults", "clusters");
    expect(lists["cases"]?.map((entry) => (entry as { id: string }).id)).to.include("TD-001");
  });

  it("gives one kind in full", async () => {
    const { stdout } = await runCli(["list", "cases"]);
    expect(stdout).to.match(/^ +TD-001 +L1 /m);
    expect(stdout).to.not.contain("Stacks");
  });

  it("has colours on a terminal, and none if they are not wanted", async () => {
    expect((await runOnTerminal(["list", "stacks"])).stdout).to.contain("\x1b[1m");
    expect((await runOnTerminal(["list", "stacks", "--no-color"])).stdout).to.not.contain("\x1b[");
  });
});

describe("a quick start", () => {
  for (const args of [["--help"], ["up", "--help"], ["list"]]) {
    it(`loads neither suite nor cluster client for ${args.join(" ")}`, async () => {
      const modules = await modulesLoadedBy(args);
      expect(modules.filter((url) => url.endsWith("/cli/main.ts"))).to.have.length(1);
      const heavy = /^suites\/|harness\/(kube|testkit|images|stack|run)\/|@kubernetes|undici|testcontainers|mocha/;
      expect(modules.filter((url) => heavy.test(url))).to.deep.equal([]);
    });
  }
});
