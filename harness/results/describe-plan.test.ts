import { expect } from "chai";
import { loadClauses } from "../plan/clauses.ts";
import { loadDeviations } from "../plan/deviations.ts";
import { citeDeviations, describePlan } from "./describe-plan.ts";

const entry = {
  id: "RTE-001",
  revision: 2,
  title: "one default route",
  suite: "routes",
  file: "suites/a/b.suite",
  clauses: ["NPWG-4.1.2.1.9-default-route"],
  features: [],
  faults: [],
  disturbs: "nothing",
  layer: "L1",
  level: "core",
  pods: [],
} as const;

describe("describePlan", () => {
  const clauses = loadClauses();

  it("tells all that reports need of profile, cases and clauses", () => {
    const profile = { name: "quick", summary: "s", core: ["RTE-001"], extended: [] };
    const plan = describePlan({ cases: [entry], profile, clauses });
    expect(plan.profile).to.deep.equal({ name: "quick", core: ["RTE-001"], extended: [] });
    expect(plan.selection).to.deep.equal(["RTE-001"]);
    expect(plan.planned[0]).to.deep.include({ revision: 2, layer: "L1", level: "core" });
    expect(plan.clauses[0]).to.include({ section: "4.1.2.1.9", spec: "NPWG multi-net-spec v1.3" });
  });

  it("calls a case outside the profile extended", () => {
    expect(describePlan({ cases: [entry], profile: undefined, clauses }).planned[0]).to.include({ level: "extended" });
  });

  it("refuses a clause that does not exist", () => {
    const odd = { ...entry, clauses: ["X-1"] };
    expect(() => describePlan({ cases: [odd], profile: undefined, clauses })).to.throw(/X-1/);
  });

  it("cites the deviations that apply to the testbed", () => {
    const facts = { mode: "thin", defaultNetwork: "flannel", cniVersion: "1.0.0" } as const;
    const cited = (version: string): string[] =>
      citeDeviations(loadDeviations(), { ...facts, versions: { multus: version } }).map((deviation) => deviation.case);
    expect(cited("v4.3.0")).to.include("RTE-001");
    expect(cited("v4.2.1")).not.to.include("RTE-001");
  });
});
