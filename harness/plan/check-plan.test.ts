import { expect } from "chai";
import type { CaseIndexEntry } from "./case-index.ts";
import { checkPlan, type PlanData } from "./check-plan.ts";
import { loadClauses, loadExemptions, type Clause } from "./clauses.ts";
import { loadDeviations } from "./deviations.ts";
import { loadProfiles } from "./profiles.ts";

const clause = (id: string, level: Clause["level"]): [string, Clause] => [
  id,
  {
    id,
    level,
    spec: "S",
    section: "1",
    addressee: "multus",
    statement: "what is demanded",
    url: "https://example.org",
  },
];

const entry: CaseIndexEntry = {
  id: "ATT-001",
  revision: 1,
  title: "t",
  suite: "s",
  file: "suites/a/b.suite",
  clauses: ["C-1"],
  features: [],
  faults: ["f"],
  disturbs: "nothing",
  layer: "L1",
  level: "core",
  pods: [],
};

const deviation = {
  id: "d",
  case: "ATT-001",
  title: "t",
  applies: { component: "multus", versions: "*" },
  signature: { assertion: "ATT-001/x", observed: { subset: [] } },
  issue: "https://example.org",
  note: "",
};

const sound: PlanData = {
  cases: [entry],
  clauses: new Map([clause("C-1", "MUST"), clause("C-2", "SHOULD")]),
  exemptions: [],
  profiles: new Map([["quick", { name: "quick", summary: "", core: ["ATT-001"], extended: [] }]]),
  deviations: [deviation],
  faults: new Set(["f"]),
  features: new Map([["kernel-veth", "links"]]),
};

describe("checkPlan", () => {
  it("finds nothing in a sound plan", () => {
    expect(checkPlan(sound)).to.deep.equal([]);
  });

  const must = new Map([...sound.clauses, clause("C-3", "MUST")]);
  const later = new Map([...sound.clauses].map(([id, one]): [string, Clause] => [id, { ...one, since: "v4.2.0" }]));
  const profile = { name: "quick", summary: "", core: ["ATT-001", "ATT-001"], extended: ["TD-001"] };
  const table: [string, Partial<PlanData>, RegExp[]][] = [
    ["an unknown clause", { cases: [{ ...entry, clauses: ["C-1", "C-9"] }] }, [/ATT-001 cites the clause C-9/]],
    [
      "a clause of later versions, and not what tells them",
      { clauses: later },
      [/ATT-001 cites C-1, which is of v4.2.0 and later, and does not need c-1$/],
    ],
    [
      "a clause of later versions, and what tells them",
      { clauses: later, cases: [{ ...entry, features: ["c-1"] }] },
      [],
    ],
    [
      "a feature that nobody looks for",
      { cases: [{ ...entry, features: ["kernel-veth|kernel:tap"] }] },
      [/ATT-001 needs kernel:tap, which nobody looks for/],
    ],
    ["an unknown fault", { cases: [{ ...entry, faults: ["g"] }] }, [/ATT-001 names the fault g/]],
    ["a case without a fault", { cases: [{ ...entry, faults: [] }] }, [/ATT-001 names no fault/]],
    ["a MUST without a case", { clauses: must }, [/C-3 has neither a case nor an exemption/]],
    ["an exempted MUST", { clauses: must, exemptions: [{ clause: "C-3", reason: "" }] }, []],
    ["a stale exemption", { exemptions: [{ clause: "C-1", reason: "" }] }, [/C-1 is exempted, but a case cites it/]],
    ["an unknown exemption", { exemptions: [{ clause: "C-9", reason: "" }] }, [/C-9 is not in fixtures/]],
    [
      "a case that the profile full forgets",
      { profiles: new Map([["full", { ...profile, name: "full", core: [], extended: [] }]]) },
      [/the profile full does not list ATT-001/, /ATT-001 is in no profile but full/],
    ],
    [
      "a case that the profile full alone lists",
      { profiles: new Map([["full", { ...profile, name: "full", core: ["ATT-001"], extended: [] }]]) },
      [/ATT-001 is in no profile but full/],
    ],
    [
      "a case that is core and extended",
      { profiles: new Map([["quick", { ...profile, core: ["ATT-001"], extended: ["ATT-001"] }]]) },
      [/the profile quick lists ATT-001 twice/],
    ],
    ["a bad profile", { profiles: new Map([["quick", profile]]) }, [/lists TD-001, which is no case/, /ATT-001 twice/]],
    ["an extended case in core", { cases: [{ ...entry, level: "extended" }] }, [/lists ATT-001 as core, but/]],
    ["a deviation twice", { deviations: [deviation, deviation] }, [/deviation d stands twice/]],
    ["a deviation of no case", { deviations: [{ ...deviation, case: "X-001" }] }, [/X-001, which/, /its assertion is/]],
  ];
  for (const [what, change, problems] of table) {
    it(`tells of ${what}`, () => {
      const found = checkPlan({ ...sound, ...change });
      expect(found).to.have.length(problems.length);
      for (const [i, problem] of problems.entries()) expect(found[i]).to.match(problem);
    });
  }
});

describe("the shipped plan", () => {
  it("is well formed, and the profile quick has core cases", () => {
    const clauses = loadClauses();
    expect(clauses.get("NPWG-4.1.2.1.9-default-route")).to.include({ level: "MUST", section: "4.1.2.1.9" });
    expect(loadExemptions()).to.be.an("array");
    expect(loadProfiles().get("quick")?.core).to.include.members(["DEF-001", "RTE-001", "TD-014"]);
    expect(loadDeviations()).not.to.have.length(0);
  });
});
