import { expect } from "chai";
import type { RunEvent, Verdict } from "../../harness/results/events.ts";
import { foldEvents, type RunModel } from "../../harness/results/model.ts";
import { caseEnd, failed, sampleEvents } from "../../harness/results/sample-events.test-support.ts";
import { compareRuns, hasNewFailures, lostAnswers, type Comparison } from "./compare-runs.ts";
import { comparisonText } from "./comparison-text.ts";

interface Change {
  readonly status?: Verdict["status"];
  /** The assertion that fails. */
  readonly assertion?: string;
  readonly revision?: number;
  readonly durationsMs?: readonly number[];
  readonly gone?: boolean;
}

/** The sample with some cases changed; others are as they are. */
function runWith(changes: Readonly<Record<string, Change>>): RunModel {
  const events = sampleEvents().flatMap((event): RunEvent[] => {
    if (event.type === "run-started") {
      const planned = event.planned
        .filter(({ id }) => !changes[id]?.gone)
        .map((entry) => ({ ...entry, revision: changes[entry.id]?.revision ?? entry.revision }));
      return [{ ...event, planned, selection: planned.map(({ id }) => id) }];
    }
    if (!("caseId" in event)) return [event];
    const change = changes[event.caseId];
    if (!change) return [event];
    if (change.gone) return [];
    if (event.type === "verdict") return change.status ? [verdictOf(event, change.status)] : [event];
    if (event.type !== "case-ended") return [event];
    const { type: _, ...more } = change.assertion
      ? caseEnd(event.caseId, failed(change.assertion))
      : caseEnd(event.caseId);
    const ends = (change.durationsMs ?? [event.durationMs]).map((durationMs) => ({ ...event, durationMs }));
    return change.status ? ends.map((end) => ({ ...end, ...more, durationMs: end.durationMs })) : ends;
  });
  return foldEvents(events);
}

function verdictOf(event: Extract<RunEvent, { type: "verdict" }>, status: Verdict["status"]): RunEvent {
  const { deviation: _deviation, skip: _skip, ...rest } = event;
  return { ...rest, status, reason: `it is ${status}` };
}

const before = runWith({});

function idsOf(comparison: Comparison): Record<string, readonly string[]> {
  const { newFailures, newReasons, fixed, stillFailing, otherChanges, revised, onlyBefore, onlyAfter } = comparison;
  const lists = { newFailures, newReasons, fixed, stillFailing, otherChanges, revised, onlyBefore, onlyAfter };
  return Object.fromEntries(
    Object.entries(lists).flatMap(([name, list]) => (list.length > 0 ? [[name, list.map(({ id }) => id)]] : [])),
  );
}

describe("compareRuns", () => {
  const still = { stillFailing: ["STA-005", "TD-001"] };

  it("finds nothing new in the same run", () => {
    const comparison = compareRuns(before, before);
    expect(idsOf(comparison)).to.deep.equal(still);
    expect(hasNewFailures(comparison)).to.equal(false);
    expect(comparison).to.deep.include({ subjects: [], times: { pace: 1, slower: [], faster: [] } });
  });

  const rows: [string, Readonly<Record<string, Change>>, Record<string, readonly string[]>, boolean][] = [
    [
      "a case that failed not before",
      { "ATT-001": { status: "failed", assertion: "ATT-001/x" } },
      { ...still, newFailures: ["ATT-001"] },
      true,
    ],
    [
      "a known deviation that is not known any more",
      { "RTE-001": { status: "failed", assertion: "RTE-001/x" } },
      { ...still, newFailures: ["RTE-001"] },
      true,
    ],
    [
      "a case that fails by another assertion",
      { "STA-005": { status: "failed", assertion: "STA-005/mac" } },
      { stillFailing: ["TD-001"], newReasons: ["STA-005"] },
      true,
    ],
    [
      "what passes now",
      { "STA-005": { status: "passed" }, "RTE-001": { status: "passed" } },
      {
        stillFailing: ["TD-001"],
        fixed: ["RTE-001", "STA-005"],
      },
      false,
    ],
    [
      "what gives no answer any more",
      { "ATT-001": { status: "error" }, "ATT-002": { status: "skipped" } },
      { ...still, otherChanges: ["ATT-001", "ATT-002"] },
      false,
    ],
    [
      "a failure of a case that judges otherwise than it did",
      { "ATT-001": { status: "failed", assertion: "ATT-001/x", revision: 2 } },
      { ...still, revised: ["ATT-001"] },
      false,
    ],
    ["a case that was not run", { "ATT-001": { gone: true } }, { ...still, onlyBefore: ["ATT-001"] }, false],
  ];
  for (const [what, changes, lists, isNew] of rows) {
    it(`tells ${what}`, () => {
      const comparison = compareRuns(before, runWith(changes));
      expect(idsOf(comparison)).to.deep.equal(lists);
      expect(hasNewFailures(comparison)).to.equal(isNew);
    });
  }

  it("knows of cases that gave an answer and give none now", () => {
    const open = {
      "ATT-001": { status: "error" },
      "ATT-002": { status: "skipped" },
      "NAD-001": { status: "error" },
    } as const;
    const comparison = compareRuns(before, runWith(open));
    expect(lostAnswers(comparison).map(({ id }) => id)).to.deep.equal(["ATT-001"]);
    expect(comparisonText(comparison)).to.match(/^NOTHING NEW FAILS; 1 WITHOUT AN ANSWER NOW\n/);
    expect(lostAnswers(compareRuns(before, before))).to.deep.equal([]);
  });

  it("tells what runs for the first time, and calls a failure of it new", () => {
    const fewer = runWith({ "ATT-001": { gone: true }, "STA-005": { gone: true } });
    expect(idsOf(compareRuns(fewer, before))).to.deep.equal({
      stillFailing: ["TD-001"],
      newFailures: ["STA-005"],
      onlyAfter: ["ATT-001"],
    });
  });

  it("says what differs in subjects", () => {
    const [multus] = before.subjects;
    if (!multus) throw new Error("the sample has no subject");
    const after = {
      ...before,
      subjects: [
        { ...multus, version: "v4.4.0", digest: "sha256:2" },
        { ...multus, name: "runc" },
      ],
    };
    expect(compareRuns(before, after).subjects.map(({ name, differs }) => [name, differs])).to.deep.equal([
      ["multus", ["version", "digest"]],
      ["runc", []],
    ]);
    const text = comparisonText(compareRuns(before, after));
    expect(text).to.contain("multus v4.3.0 (built here) -> v4.4.0 (built here)").and.to.contain("runc none -> v4.3.0");
  });
});

describe("the comparison as text", () => {
  const after = runWith({
    "ATT-001": { status: "failed", assertion: "ATT-001/x" },
    "STA-005": { status: "failed", assertion: "STA-005/mac" },
    "RTE-001": { status: "passed" },
  });
  const text = comparisonText(compareRuns(before, after));

  it("begins with what is new, and says why", () => {
    expect(text).to.match(/^NEW FAILURES: 2; 1 fixed\nfirst +20260102T030405-abc123 on ptp-thick, profile sample/);
    expect(text).to.match(
      /NEW FAILURES \(1\)\n {2}ATT-001 what ATT-001 demands: passed -> failed\n {4}now +ATT-001\/x\n/,
    );
    expect(text).to.match(/FAIL FOR A NEW REASON \(1\)\n.*\n {4}now +STA-005\/mac\n {4}before +STA-005\/ips\n/);
    expect(text).to.contain("FIXED (1)").and.to.contain("STILL FAILING (1)");
  });

  it("is short where nothing is new", () => {
    const passed = runWith({ "STA-005": { gone: true }, "TD-001": { gone: true } });
    expect(comparisonText(compareRuns(passed, passed)).split("\n")).to.have.length(4);
  });
});
