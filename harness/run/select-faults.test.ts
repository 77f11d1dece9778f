import { expect } from "chai";
import { PlumblineError } from "../core/errors.ts";
import { loadFaults } from "../nodes/fault.ts";
import { parseSample, selectFaults } from "./select-faults.ts";

const all = loadFaults();

function failure(action: () => unknown): { code: string; hint?: string | undefined } {
  try {
    action();
  } catch (error) {
    if (error instanceof PlumblineError) return { code: error.code, hint: error.hint };
  }
  return { code: "none" };
}

describe("selectFaults", () => {
  it("takes all, or those that are named", () => {
    expect(selectFaults(all, { ids: [] })).to.deep.equal(all);
    expect(selectFaults(all, { ids: ["bridge-drops-del"] }).map(({ id }) => id)).to.deep.equal(["bridge-drops-del"]);
  });

  it("takes those that concern the chosen cases, unless faults are named", () => {
    const ids = selectFaults(all, { ids: [], cases: ["STA-005"] }).map(({ id }) => id);
    expect(ids).to.include("bridge-lies-about-address").and.not.to.include("bridge-ignores-ips");
    expect(selectFaults(all, { ids: ["bridge-ignores-ips"], cases: ["STA-005"] })).to.have.length(1);
    expect(failure(() => selectFaults(all, { ids: [], cases: ["ATT-999"] })).code).to.equal("PL_FAULT_NONE");
  });

  it("names the nearest for one that there is not", () => {
    expect(failure(() => selectFaults(all, { ids: ["bridge-drop-del"] }))).to.deep.equal({
      code: "PL_FAULT_UNKNOWN",
      hint: "did you mean bridge-drops-del?",
    });
  });

  it("cuts all faults into parts, none of which shares one with another", () => {
    const parts = Array.from({ length: 10 }, (_, i) => selectFaults(all, { ids: [], sample: { part: i + 1, of: 10 } }));
    expect(
      parts
        .flat()
        .map(({ id }) => id)
        .toSorted(),
    ).to.deep.equal(all.map(({ id }) => id).toSorted());
    const sizes = parts.map((part) => part.length);
    expect(Math.max(...sizes) - Math.min(...sizes)).to.be.lessThan(2);
  });

  it("refuses a sample in which there is none", () => {
    const ids = ["bridge-drops-del"];
    expect(failure(() => selectFaults(all, { ids, sample: { part: 2, of: 2 } })).code).to.equal("PL_FAULT_SAMPLE");
  });
});

describe("parseSample", () => {
  it("reads n/m and refuses anything else", () => {
    expect(parseSample("3/10")).to.deep.equal({ part: 3, of: 10 });
    for (const text of ["", "3", "0/10", "11/10", "1/0", "-1/10", "a/b", "1/10/2"]) {
      expect(failure(() => parseSample(text)).code, text).to.equal("PL_FAULT_SAMPLE");
    }
  });
});
