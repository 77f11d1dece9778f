import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "chai";
import { run } from "../harness/process/run.ts";
import { builtProgram, modulesLoadedBy, runCli } from "./run-cli.ts";

describe("plumbline __complete", () => {
  it("prints a candidate a line, and what it is", async () => {
    const { exitCode, stdout, stderr } = await runCli(["__complete", "run", "--case", "TD-001"]);
    expect([exitCode, stderr]).to.deep.equal([0, ""]);
    expect(stdout).to.equal("TD-001\tafter a normal delete nothing on the node names the pod any more\n");
  });

  it("is told without what takes long to load", async () => {
    const modules = await modulesLoadedBy(["__complete", "run", "--stack", ""]);
    expect(modules.filter((url) => url.endsWith("/cli/complete.ts"))).to.have.length(1);
    const heavy = /^suites\/|harness\/(kube|testkit|images|stack|plan|cluster|run)\/|@kubernetes|undici/;
    expect(modules.filter((url) => heavy.test(url))).to.deep.equal([]);
  });
});

const MORE = ["", "-isolated", "-kube-router", "-simvf", "-simvf-netdevsim", "-simvf-sriovdp", "-whereabouts"];
const NAMES = ["thick", "thin"].flatMap((mode) => MORE.map((more) => `ptp-${mode}${more}`));
const STACKS = [...NAMES, "ptp-thick-default-networks"].toSorted();

describe("the script for", () => {
  let dir = "";
  before(async function () {
    this.timeout(60_000);
    dir = mkdtempSync(path.join(tmpdir(), "plumbline-completion-"));
    mkdirSync(path.join(dir, "bin"));
    const program = path.join(dir, "bin", "plumbline");
    writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' '${await builtProgram()}' "$@"\n`);
    chmodSync(program, 0o755);
    for (const shell of ["bash", "zsh", "fish"]) {
      writeFileSync(path.join(dir, shell), (await runCli(["completion", shell])).stdout);
    }
  });
  after(() => rmSync(dir, { recursive: true, force: true }));

  async function inShell(argv: readonly [string, ...string[]]): Promise<readonly string[]> {
    const env = { PATH: `${path.join(dir, "bin")}:${process.env["PATH"]}`, HOME: dir, PLUMBLINE_HOME: dir };
    const [file, ...args] = argv;
    const { stdout } = await run(file, args, { timeoutMs: 30_000, cwd: dir, env });
    return stdout.split("\n").filter((line) => line !== "");
  }
  const has = async (shell: string): Promise<boolean> =>
    (await run("sh", ["-c", `command -v ${shell}`], { timeoutMs: 5_000, okExitCodes: "any" })).exitCode === 0;

  // COMP_WORDS as bash makes them: it parts words at =
  for (const [title, words, wanted] of [
    ["a command", ["doc"], ["doctor", "docs"]],
    ["the name of a stack", ["up", "--stack", "ptp-thi"], STACKS],
    ["the name of a stack behind =", ["up", "--stack", "=", "ptp-thick-w"], ["ptp-thick-whereabouts"]],
    ["a case with a quote in its title", ["run", "--case", "ATT-001"], ["ATT-001"]],
  ] as const) {
    it(`bash completes ${title}`, async () => {
      const quoted = words.map((word) => `'${word}'`).join(" ");
      const script = `set -eu; source ./bash; COMP_WORDS=(plumbline ${quoted}); COMP_CWORD=${words.length}
        _plumbline; printf '%s\\n' "\${COMPREPLY[@]}"; complete -p plumbline`;
      const lines = await inShell(["bash", "--norc", "-c", script]);
      expect(lines).to.deep.equal([...wanted, "complete -F _plumbline plumbline"]);
    });
  }

  it("zsh is understood by zsh, and completes", async function () {
    if (!(await has("zsh"))) this.skip();
    // _describe is zsh's own: what it is given is what would be shown
    const script = `compdef() { :; }; source ./zsh; _describe() { print -rl -- "\${(@P)2}"; }
      words=(plumbline up --stack ptp-thi); CURRENT=4; _plumbline; words=(plumbline exp); CURRENT=2; _plumbline`;
    const lines = await inShell(["zsh", "-f", "-c", script]);
    const told = "explain:tell what an error, a skip, an exit code or a case means";
    expect(lines).to.deep.equal([...STACKS, told]);
  });

  it("fish is understood by fish, and completes", async function () {
    if (!(await has("fish"))) this.skip();
    const script =
      'source ./fish; complete --do-complete "plumbline up --stack ptp-thi"; complete --do-complete "plumbline exp"';
    const lines = await inShell(["fish", "--no-config", "-c", script]);
    const told = "explain\ttell what an error, a skip, an exit code or a case means";
    expect(lines).to.deep.equal([...STACKS, told]);
  });

  it("another shell is not there", async () => {
    const { exitCode, stderr } = await runCli(["completion", "bsh"]);
    expect(exitCode).to.equal(2);
    expect(stderr).to.contain("did you mean bash?");
  });
});
