import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { expect } from "chai";
import { parse } from "yaml";
import { packageFile } from "../harness/core/package-root.ts";
import { loadFaults } from "../harness/nodes/fault.ts";
import { checkPlan } from "../harness/plan/check-plan.ts";
import { loadClauses } from "../harness/plan/clauses.ts";
import { loadPlan } from "../harness/plan/load-plan.ts";
import { loadProfileRules, profileOf } from "../harness/plan/profile-rules.ts";
import { collectCases } from "../harness/testkit/collect.ts";
import { suitesOf } from "../harness/testkit/define.ts";

const text = readFileSync(packageFile("CONTRIBUTING.md"), "utf8");
const blocks = (language: string): string[] =>
  [...text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, "gms"))].map(([, block = ""]) => block);

describe("the example of CONTRIBUTING.md", () => {
  let dir = "";
  before(() => {
    mkdirSync(packageFile("node_modules", ".cache"), { recursive: true });
    // in the package, so that it finds its libraries
    dir = mkdtempSync(packageFile("node_modules", ".cache", "example-"));
  });
  after(() => rmSync(dir, { recursive: true, force: true }));

  it("is a case, a fault and a clause that agree with each other and with the project", async () => {
    const [clause = "", fault = ""] = blocks("yaml");
    const [source = ""] = blocks("ts");

    const suiteFile = path.join(dir, "example.suite.ts");
    writeFileSync(suiteFile, source.replace("../../harness", packageFile("harness")));
    const suites = await suitesOf(() => import(pathToFileURL(suiteFile).href));
    const cases = collectCases(suites, "suites/plugins/bridge-mtu.suite");

    mkdirSync(path.join(dir, "faults"));
    writeFileSync(path.join(dir, "faults", "bridge-forgets-the-mtu.yaml"), fault);
    const faults = loadFaults(path.join(dir, "faults"));

    mkdirSync(path.join(dir, "clauses"));
    const document = {
      spec: "CNI plugins",
      url: "https://www.cni.dev/plugins/current/",
      clauses: parse(clause) as unknown,
    };
    writeFileSync(path.join(dir, "clauses", "example.yaml"), JSON.stringify(document));
    const clauses = loadClauses(path.join(dir, "clauses"));

    expect(cases.map(({ id }) => id)).to.deep.equal(["EX-001"]);
    expect(faults.flatMap(({ noticedBy }) => noticedBy.map((noticed) => noticed.case))).to.deep.equal(["EX-001"]);
    const plan = loadPlan();
    // those that `npm run generate` writes
    const all = { cases: [...plan.cases, ...cases], clauses: new Map([...plan.clauses, ...clauses]) };
    const ruled = loadProfileRules().map((rule) => [rule.profile, profileOf(rule, all)] as const);
    const byHand = [...plan.profiles].filter(([name]) => name !== "full");
    const problems = checkPlan({
      ...plan,
      ...all,
      profiles: new Map([...byHand, ...ruled]),
      faults: new Set([...plan.faults, ...faults.map(({ id }) => id)]),
    });
    expect(problems.filter((problem) => /EX-001|mtu/.test(problem))).to.deep.equal([]);
  });
});
