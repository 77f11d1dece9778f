import { expect } from "chai";
import { loadCaseIndex } from "../harness/plan/case-index.ts";
import { suiteSources } from "./generated-files.ts";

describe("the sources of the case index", () => {
  it("are the suites, and what lies beside them: a change of either is another digest", () => {
    const files = [...suiteSources().keys()];
    const suites = new Set(loadCaseIndex().cases.map(({ file }) => `${file}.ts`));
    expect(files).to.include.members([...suites]);
    expect(files).to.include("suites/sriov/vf-networks.ts");
  });
});
