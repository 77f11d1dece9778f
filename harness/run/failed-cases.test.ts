import { expect } from "chai";
import { foldEvents } from "../results/model.ts";
import { sampleEvents, SAMPLE_STATUSES } from "../results/sample-events.test-support.ts";
import { failedCases } from "./failed-cases.ts";

const model = foldEvents(sampleEvents());

describe("failedCases", () => {
  it("takes what failed, was flaky or an error, and nothing that passed, is known or lacks a feature", () => {
    const open = Object.entries(SAMPLE_STATUSES).flatMap(([id, status]) =>
      ["failed", "flaky", "error"].includes(status) ? [id] : [],
    );
    expect(failedCases(model, []).toSorted()).to.deep.equal(open.toSorted());
  });

  it("is narrowed by ids in any letter case", () => {
    expect(failedCases(model, ["td-001", "ATT-001"])).to.deep.equal(["TD-001"]);
  });

  it("refuses a record in which nothing is open", () => {
    expect(() => failedCases(model, ["ATT-001"])).to.throw(/nothing to run again/);
  });
});
