import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "chai";
import { packageFile } from "../harness/core/package-root.ts";
import { builtProgram, runCliIn } from "./run-cli.ts";

const EXAMPLE = packageFile("test", "example-suite");

// What an author has: a folder of their own, in which Plumbline is installed. Here the package is the program as it was
// compiled for the tests; .github/scripts/package.sh does the same with the packed one.
describe("an author's own suites", () => {
  let dir: string;

  before(async function () {
    this.timeout(200_000);
    dir = mkdtempSync(path.join(tmpdir(), "plumbline-author-"));
    cpSync(EXAMPLE, dir, { recursive: true });
    const installed = path.join(dir, "node_modules", "plumbline");
    mkdirSync(installed, { recursive: true });
    const build = path.resolve(path.dirname(await builtProgram()), "..", "..");
    symlinkSync(build, path.join(installed, "dist"));
    const exported = { "./testkit": "./dist/harness/testkit/index.js" };
    writeFileSync(
      path.join(installed, "package.json"),
      JSON.stringify({ name: "plumbline", type: "module", exports: exported }),
    );
  });
  after(() => rmSync(dir, { recursive: true }));

  const suite = (id: string, more = ""): string =>
    `import { suite, testCase } from "plumbline/testkit";
     suite("s", () => testCase({ id: "${id}", revision: 1, title: "t", layer: "L0", clauses: [], faults: [], pods: {} ${more} }, async () => {}));`;

  it("are listed with all others, and chosen like them", async () => {
    const { stdout, stderr } = await runCliIn(dir, ["list", "cases", "--json"]);
    const { cases } = JSON.parse(stdout || `"${stderr}"`) as { cases: { id: string; title: string; file: string }[] };
    const own = cases.find(({ id }) => id === "MY-001");
    expect(own?.title).to.equal("a pod's second interface is a veth with one address of its network");
    expect(own?.file).to.match(/my-cni\.suite\.js$/);
    expect(cases.some(({ id }) => id === "ATT-001")).to.equal(true);
    const chosen = await runCliIn(dir, ["run", "--case", "MY-001"]);
    expect(chosen.stderr, "it gets as far as Docker, which is not there").to.contain("PL_NO_DOCKER");
  }).timeout(60_000);

  it("are of every profile, and part of a plan's digest", async () => {
    writeFileSync(path.join(dir, "m.yaml"), "mode: [thin]\n");
    const plan = async (): Promise<{ plan: string; cases: number }> =>
      JSON.parse((await runCliIn(dir, ["matrix", "plan", "--matrix", "m.yaml", "--json"])).stdout) as never;
    const before = await plan();
    expect(before.cases).to.equal(14);
    cpSync(path.join(dir, "my-cni.suite.js"), path.join(dir, "kept.js"));
    writeFileSync(path.join(dir, "my-cni.suite.js"), suite("MY-001"));
    expect((await plan()).plan).to.not.equal(before.plan);
    cpSync(path.join(dir, "kept.js"), path.join(dir, "my-cni.suite.js"));
  }).timeout(60_000);

  it("need no Plumbline installed beside them: they get the testkit of the one that runs", async () => {
    const bare = mkdtempSync(path.join(tmpdir(), "plumbline-bare-"));
    cpSync(EXAMPLE, bare, { recursive: true });
    try {
      const { exitCode, stdout, stderr } = await runCliIn(bare, ["list", "cases", "--json"]);
      expect(exitCode, stderr).to.equal(0);
      expect(stdout).to.contain('"id": "MY-001"');
    } finally {
      rmSync(bare, { recursive: true });
    }
  }).timeout(60_000);

  const refused: readonly (readonly [string, string | undefined, string, string])[] = [
    [
      "whose id is one of Plumbline's",
      suite("ATT-001"),
      "PL_SUITE_CASE",
      "a case of that id is Plumbline's own, in suites/",
    ],
    [
      "that has one id twice",
      `${suite("MY-002")}\n${suite("MY-002").replace(/^import.*$/m, "")}`,
      "PL_SUITE_CASE",
      "MY-002",
    ],
    ["whose id is none", suite("my-1"), "PL_SUITE_CASE", "a case id such as ATT-003"],
    ["that cites what there is not", suite("MY-003", ", clauses: ['NPWG-99']"), "PL_SUITE_CASE", "the clause NPWG-99"],
    ["without a case", "export {};", "PL_SUITE_FILE", "it declares no case"],
    ["that does not load", "throw new Error('on the way');", "PL_SUITE_FILE", "on the way"],
    ["that is not there", undefined, "PL_SUITE_FILE", "there is no such file"],
  ];
  for (const [title, text, code, says] of refused) {
    it(`are refused in one clear error: one ${title}`, async () => {
      const file = path.join(dir, "bad.suite.js");
      if (text !== undefined) writeFileSync(file, text);
      writeFileSync(path.join(dir, "bad.yaml"), "suites: [./bad.suite.js]\n");
      const { exitCode, stderr } = await runCliIn(dir, ["run", "--config", "bad.yaml"]);
      rmSync(file, { force: true });
      expect(exitCode, stderr).to.equal(2);
      expect(stderr.match(/^error: /gm)).to.have.length(1);
      expect(stderr.replaceAll(/\s+/g, " ")).to.contain(`[${code}]`).and.contain(says);
    }).timeout(60_000);
  }
});
