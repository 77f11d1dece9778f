import { expect } from "chai";
import type { CaseModel } from "../../harness/results/model.ts";
import { foldEvents } from "../../harness/results/model.ts";
import { caseEnd, sampleEvents } from "../../harness/results/sample-events.test-support.ts";
import { changedTimes } from "./changed-times.ts";

const passing = foldEvents(sampleEvents()).cases.find(({ id }) => id === "ATT-001");
if (!passing) throw new Error("the sample has no ATT-001");
const template = passing;

function timed(
  id: string,
  durationsMs: readonly number[],
  status: CaseModel["verdict"]["status"] = "passed",
): CaseModel {
  const attempts = durationsMs.map((durationMs) => ({
    seq: 0,
    at: "2026-11-24T20:28:56.000Z",
    ...caseEnd(id, { durationMs }),
  }));
  return { ...template, id, attempts, verdict: { ...template.verdict, status } };
}

function change(id: string, before: readonly number[], after: readonly number[]) {
  return { old: timed(id, before), now: timed(id, after) };
}

/** Twelve cases that take `factor` times as long. */
function crowd(factor: number) {
  return Array.from({ length: 12 }, (_, i) => change(`CRW-${100 + i}`, [2000 + i], [(2000 + i) * factor]));
}

describe("changedTimes", () => {
  const rows: [string, readonly number[], readonly number[], "slower" | "faster" | "same"][] = [
    ["by more than half and a second", [4000], [7000], "slower"],
    ["less than half", [4000], [5900], "same"],
    ["less than a second", [100], [900], "same"],
    ["to less than two thirds and by a second", [7000], [4000], "faster"],
    ["of all attempts", [4000, 4500], [7000, 7500], "slower"],
    ["of attempts that reach into the others", [4000, 7100], [7000, 14_000], "same"],
  ];
  for (const [what, before, after, kind] of rows) {
    it(`calls a change ${what} ${kind === "same" ? "noise" : kind}`, () => {
      const { slower, faster } = changedTimes([change("ATT-001", before, after)]);
      expect([slower.length, faster.length]).to.deep.equal([kind === "slower" ? 1 : 0, kind === "faster" ? 1 : 0]);
    });
  }

  it("takes the pace of the run out, if there are cases enough to tell it", () => {
    const slow = changedTimes([...crowd(2), change("ATT-001", [4000], [8000]), change("ATT-002", [4000], [16_000])]);
    expect(slow.pace).to.be.closeTo(2, 0.01);
    expect(slow.slower).to.deep.equal([{ id: "ATT-002", beforeMs: 4000, afterMs: 16_000 }]);
    const few = changedTimes([change("ATT-001", [4000], [8000])]);
    expect([few.pace, few.slower.length]).to.deep.equal([1, 1]);
    const kept = changedTimes([...crowd(2), change("ATT-001", [4000], [4000])]);
    expect(kept.faster.map(({ id }) => id)).to.deep.equal(["ATT-001"]);
  });

  it("looks at cases that passed in both alone", () => {
    const pairs = [
      { old: timed("ATT-001", [1000], "failed"), now: timed("ATT-001", [9000]) },
      { old: timed("ATT-002", [1000]), now: timed("ATT-002", [9000], "error") },
      { old: undefined, now: timed("ATT-003", [9000]) },
    ];
    expect(changedTimes(pairs)).to.deep.equal({ pace: 1, slower: [], faster: [] });
  });
});
