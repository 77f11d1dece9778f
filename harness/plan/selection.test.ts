import { expect } from "chai";
import { makeCaseIndex } from "./case-index.ts";
import { selectCases, type SelectionRequest } from "./selection.ts";

const index = makeCaseIndex(
  ["ATT-001", "ATT-003", "TD-001", "RTE-001"].map((id) => ({
    id,
    revision: 1,
    title: id.startsWith("ATT") ? "Attachment by short name" : "Something else",
    suite: "s",
    file: "suites/a/b.suite",
    clauses: ["C-1"],
    features: id.startsWith("ATT") ? ["kernel-bridge"] : id === "RTE-001" ? ["sriov-s1|sriov-s3"] : [],
    faults: [],
    disturbs: "nothing" as const,
    layer: id === "TD-001" ? ("L0" as const) : ("L1" as const),
    level: "core" as const,
    pods: [],
  })),
  new Map(),
);
const profiles = new Map([
  ["quick", { name: "quick", summary: "", core: ["TD-001", "ATT-001"], extended: ["RTE-001"] }],
  ["hollow", { name: "hollow", summary: "", core: ["NAD-001"], extended: [] }],
]);

function select(request: Partial<SelectionRequest>): string[] {
  return selectCases({ index, profiles, ...request }).map(({ id }) => id);
}

describe("selectCases", () => {
  it("takes all cases where nothing is asked for", () => {
    expect(select({})).to.deep.equal(["ATT-001", "ATT-003", "RTE-001", "TD-001"]);
  });

  it("takes the core and extended cases of a profile in the order of the index", () => {
    expect(select({ profile: "quick" })).to.deep.equal(["ATT-001", "RTE-001", "TD-001"]);
  });

  it("takes the name of a profile in any letter case", () => {
    expect(select({ profile: "QUICK" })).to.deep.equal(select({ profile: "quick" }));
  });

  it("takes named cases, also outside the profile and in any letter case", () => {
    expect(select({ profile: "quick", cases: ["att-003", "TD-001"] })).to.deep.equal(["ATT-003", "TD-001"]);
  });

  it("narrows by a pattern on id and title", () => {
    expect(select({ grep: "short name" })).to.deep.equal(["ATT-001", "ATT-003"]);
    expect(select({ profile: "quick", grep: "^rte" })).to.deep.equal(["RTE-001"]);
  });

  it("narrows by layer and by what the cases need", () => {
    expect(select({ layers: ["L0"] })).to.deep.equal(["TD-001"]);
    expect(select({ features: ["kernel-bridge"] })).to.deep.equal(["ATT-001", "ATT-003"]);
    expect(select({ features: ["sriov-s3"] })).to.deep.equal(["RTE-001"]);
    expect(select({ profile: "quick", features: ["kernel-bridge"], layers: ["L1", "L2"] })).to.deep.equal(["ATT-001"]);
  });

  const refusals: [string, Partial<SelectionRequest>, string, RegExp][] = [
    ["an unknown case", { cases: ["ATT-01"] }, "PL_CASE_UNKNOWN", /did you mean ATT-001\?/],
    ["an unknown profile", { profile: "quik" }, "PL_PROFILE_UNKNOWN", /did you mean quick\?/],
    ["a far-off profile", { profile: "everything" }, "PL_PROFILE_UNKNOWN", /profiles: quick, hollow/],
    ["an unknown feature", { features: ["kernel-brigde"] }, "PL_FEATURE_UNKNOWN", /did you mean kernel-bridge\?/],
    ["a layer without cases", { layers: ["L3"] }, "PL_NOTHING_SELECTED", /plumbline list/],
    ["what is elsewhere", { profile: "quick", grep: "^ATT-003" }, "PL_NOTHING_SELECTED", /--profile full has 1 of/],
    ["a broken pattern", { grep: "(" }, "PL_GREP", /^$/],
    ["a pattern without a match", { profile: "quick", grep: "sriov" }, "PL_NOTHING_SELECTED", /plumbline list/],
    ["a profile whose cases do not exist", { profile: "hollow" }, "PL_NOTHING_SELECTED", /plumbline list/],
  ];
  for (const [what, request, code, hint] of refusals) {
    it(`refuses ${what}`, () => {
      try {
        select(request);
        expect.fail("nothing was thrown");
      } catch (error) {
        expect(error).to.include({ code, kind: "usage" });
        expect((error as { hint?: string }).hint ?? "").to.match(hint);
      }
    });
  }
});
