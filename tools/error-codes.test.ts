import { expect } from "chai";
import { loadErrorGuide, type ErrorGuide } from "../harness/cli/error-guide.ts";
import { codesIn, codesInSources, errorGuideProblems } from "./error-codes.ts";

const guide = loadErrorGuide();
const codes = codesInSources();

describe("the guide to errors", () => {
  it("explains every code of the sources, and no other", () => {
    expect(codes.size).to.be.greaterThan(90);
    expect(errorGuideProblems(guide, codes)).to.deep.equal([]);
  });

  it("is found out where it does not explain a code", () => {
    const planted = codesIn(['throw usageError(\n  "PL_PLANTED", "x");']);
    expect(errorGuideProblems(guide, new Map([...codes, ...planted]))).to.deep.equal([
      "fixtures/errors.yaml does not explain PL_PLANTED",
    ]);
  });

  it("is found out where it explains what nothing uses", () => {
    const fewer = new Map([...codes].filter(([code]) => code !== "PL_GREP"));
    expect(errorGuideProblems(guide, fewer)).to.deep.equal([
      "fixtures/errors.yaml explains PL_GREP, which nothing uses",
    ]);
  });

  it("is found out where it blames somebody else than the sources do", () => {
    const planted = codesIn(['throw hostError("PL_GREP", "x");']);
    expect(errorGuideProblems(guide, new Map([...codes, ...planted]))).to.deep.equal([
      "fixtures/errors.yaml says that PL_GREP is of kind usage, but the sources say host",
    ]);
  });

  it("is found out where a code stands twice, or a skip or exit code is missing", () => {
    const broken: ErrorGuide = {
      groups: [...guide.groups, ...guide.groups.slice(0, 1)],
      skips: guide.skips.slice(1),
      exitCodes: [],
    };
    const problems = errorGuideProblems(broken, codes).join("\n");
    expect(problems).to.contain("explains PL_USAGE twice");
    expect(problems).to.contain("does not explain the skip code SKIP_KERNEL").and.to.contain("the exit code 143");
  });
});
