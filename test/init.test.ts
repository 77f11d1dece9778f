import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "chai";
import { loadConfig } from "../harness/config/load-config.ts";
import { defaultConfig } from "../harness/config/schema.ts";
import { loadProfiles } from "../harness/plan/profiles.ts";
import { stackNames } from "../harness/stack/stack.ts";
import { runCli } from "./run-cli.ts";

describe("plumbline init", () => {
  let dir = "";
  beforeEach(() => {
    dir = mkdtempSync(path.join(tmpdir(), "plumbline-init-"));
  });
  afterEach(() => rmSync(dir, { recursive: true }));
  const init = (file: string, ...args: readonly string[]) => runCli(["init", "--config", file, ...args]);

  it("writes a file that is the configuration of each stack and each profile", async () => {
    const profiles = [...loadProfiles().keys()];
    const stacks = stackNames();
    const pairs = stacks.map((stack, i) => ({ stack, profile: profiles[i % profiles.length] ?? "" }));
    expect(new Set(pairs.map(({ profile }) => profile)).size).to.equal(profiles.length);
    await Promise.all(
      pairs.map(async ({ stack, profile }) => {
        const file = path.join(dir, `${stack}.yaml`);
        const { exitCode, stdout, stderr } = await init(file, "--stack", stack, "--profile", profile);
        expect([exitCode, stderr]).to.deep.equal([0, ""]);
        expect(stdout).to.contain(`wrote ${file}`).and.to.contain("plumbline run --config");
        expect(loadConfig(file)).to.deep.equal({ ...defaultConfig, stack, profile });
      }),
    );
  });

  it("names a schema that is there, and the next steps", async () => {
    const { stdout } = await init(path.join(dir, "a.yaml"));
    const [first = ""] = readFileSync(path.join(dir, "a.yaml"), "utf8").split("\n");
    const schema = /^# yaml-language-server: \$schema=(.*)$/.exec(first)?.[1] ?? "";
    expect(JSON.parse(readFileSync(path.resolve(dir, schema), "utf8"))).to.have.property("title", "plumbline.yaml");
    expect(stdout).to.contain("plumbline doctor").and.to.contain("plumbline up");
  });

  it("leaves a file alone that is there, unless it is told to replace it", async () => {
    const file = path.join(dir, "mine.yaml");
    writeFileSync(file, "stack: ptp-thin\n");
    const refused = await init(file);
    expect([refused.exitCode, refused.stdout]).to.deep.equal([2, ""]);
    expect(refused.stderr).to.contain("[PL_CONFIG_EXISTS]").and.to.contain("--force");
    expect(readFileSync(file, "utf8")).to.equal("stack: ptp-thin\n");
    expect((await init(file, "--force", "--json")).stdout).to.contain('"stack": "ptp-thick"');
    expect(loadConfig(file)).to.deep.equal(defaultConfig);
  });

  for (const [what, args, code, nearest] of [
    ["a stack", ["--stack", "ptp-thik"], "PL_STACK_UNKNOWN", "ptp-thick"],
    ["a profile", ["--profile", "npgw"], "PL_PROFILE_UNKNOWN", "NPWG"],
  ] as const) {
    it(`writes nothing for ${what} that there is not`, async () => {
      const { exitCode, stderr } = await init(path.join(dir, "no.yaml"), ...args);
      expect(exitCode).to.equal(2);
      expect(stderr).to.contain(code).and.to.contain(`did you mean ${nearest}?`);
      expect(() => readFileSync(path.join(dir, "no.yaml"))).to.throw("ENOENT");
    });
  }
});
