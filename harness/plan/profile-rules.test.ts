import { expect } from "chai";
import { loadCaseIndex, type CaseIndexEntry } from "./case-index.ts";
import { loadClauses, type Clause } from "./clauses.ts";
import { loadProfileRules, profileOf, type ProfileRule } from "./profile-rules.ts";
import { loadProfiles } from "./profiles.ts";

const clause = (id: string, level: Clause["level"], addressee: Clause["addressee"]): [string, Clause] => [
  id,
  { id, level, addressee, spec: "S", section: "1", statement: "what is demanded", url: "https://example.org" },
];
const clauses = new Map([
  clause("NPWG-1", "MUST", "multus"),
  clause("NPWG-2", "SHOULD", "multus"),
  clause("NPWG-3", "MUST", "author"),
  clause("CNI-1", "MUST", "plugin"),
]);

const entry = (id: string, cited: readonly string[], level: CaseIndexEntry["level"] = "core"): CaseIndexEntry => ({
  id,
  revision: 1,
  title: "t",
  suite: "s",
  file: "suites/a/b.suite",
  clauses: cited,
  features: [],
  faults: [],
  disturbs: "nothing",
  layer: "L1",
  level,
  pods: [],
});
const cases = [
  entry("ATT-001", ["NPWG-1"]),
  entry("ATT-002", ["NPWG-2", "CNI-1"]),
  entry("ATT-003", ["NPWG-3"]),
  entry("ATT-004", ["CNI-1", "NPWG-1"], "extended"),
  entry("CNI-001", ["CNI-1"]),
];

const rule = (conditions: ProfileRule["cases"], core?: ProfileRule["core"]): ProfileRule => ({
  profile: "P",
  summary: "s",
  why: "w",
  cases: conditions,
  ...(core ? { core } : {}),
});
const made = (of: ProfileRule) => {
  const { core, extended } = profileOf(of, { cases, clauses });
  return { core, extended };
};

describe("the rule of a profile", () => {
  it("chooses by one cited clause, and takes for core what cites the level for the addressee", () => {
    const found = made(rule([{ cites: "^NPWG-" }], { clauses: "^NPWG-", level: "MUST", addressee: "multus" }));
    expect(found).to.deep.equal({ core: ["ATT-001"], extended: ["ATT-002", "ATT-003", "ATT-004"] });
  });

  it("chooses by all cited clauses, and without a rule of its own for core by what cases call themselves", () => {
    expect(made(rule([{ citesOnly: "^CNI-" }]))).to.deep.equal({ core: ["CNI-001"], extended: [] });
    expect(made(rule([{ cites: "^CNI-" }]))).to.deep.equal({ core: ["ATT-002", "CNI-001"], extended: ["ATT-004"] });
  });

  it("wants all that a condition says, and one of its conditions", () => {
    const found = made(rule([{ id: "^ATT-", cites: "^CNI-" }, { id: "^CNI-" }]));
    expect(found).to.deep.equal({ core: ["ATT-002", "CNI-001"], extended: ["ATT-004"] });
  });
});

describe("the shipped rules", () => {
  it("give the shipped profiles, each with core cases, or with a word on why it has none", () => {
    const index = loadCaseIndex();
    const profiles = loadProfiles();
    for (const of of loadProfileRules()) {
      const profile = profileOf(of, { cases: index.cases, clauses: loadClauses() });
      expect(profiles.get(of.profile)).to.deep.equal(profile);
      if (!of.why.includes("No case is core")) expect(profile.core, of.profile).not.to.have.length(0);
    }
    expect([...profiles.keys()]).to.include.members([
      "quick",
      "full",
      "NPWG",
      "MULTUS",
      "CNI",
      "IPAM",
      "LIFECYCLE",
      "SRIOV",
    ]);
  });
});
