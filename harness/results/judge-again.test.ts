import { expect } from "chai";
import type { RunEvent, RunEventType } from "./events.ts";
import { judgeAgain } from "./judge-again.ts";
import { JUDGING } from "./run-facts.ts";
import { sampleEvents } from "./sample-events.test-support.ts";

/** The sample, with each event of the type changed. */
function changed<T extends RunEventType>(
  type: T,
  change: (event: Extract<RunEvent, { type: T }>) => RunEvent,
): RunEvent[] {
  return sampleEvents().map((event) => (event.type === type ? change(event as Extract<RunEvent, { type: T }>) : event));
}

describe("judgeAgain", () => {
  it("finds what is written where nothing was changed", () => {
    expect(judgeAgain(sampleEvents())).to.deep.equal({ differences: [], left: [] });
  });

  const rows: [string, RunEvent[], RegExp[]][] = [
    [
      "a verdict that was turned",
      changed("verdict", (verdict) => (verdict.caseId === "STA-005" ? { ...verdict, status: "passed" } : verdict)),
      [
        /^the end of the record counts .*; its verdicts are 3 passed/,
        /^STA-005 is passed in the record, and failed by its/,
      ],
    ],
    [
      "a verdict that was left out",
      sampleEvents().filter((event) => event.type !== "verdict" || event.caseId !== "TD-001"),
      [/^the end of the record counts/, /^TD-001 is without a verdict in the record, and flaky by its events/],
    ],
    [
      "a case whose end was turned",
      changed("case-ended", (end) => (end.caseId === "ATT-001" ? { ...end, outcome: "failed" } : end)),
      [/^ATT-001 is passed in the record, and error by its events/],
    ],
    [
      "an excuse that does not fit",
      changed("testbed", (testbed) => ({
        ...testbed,
        deviations: testbed.deviations.map((entry) => ({
          ...entry,
          signature: { assertion: `${entry.case}/other`, observed: { matches: "eth9" } },
        })),
      })),
      [/^RTE-001 is known \(route-kept\) in the record, and failed by its events/],
    ],
    [
      "counts that do not add up",
      changed("run-ended", (end) => ({ ...end, counts: { ...end.counts, passed: 8 } })),
      [/^the end of the record counts 8 passed, .*; its verdicts are 2 passed/],
    ],
    [
      "an exit code that was turned",
      changed("run-ended", (end) => ({ ...end, exitCode: 0 })),
      [/^the exit code is 0 in the record, and 1 by its verdicts/],
    ],
    [
      "a violation that was left out",
      sampleEvents().filter(({ type }) => type !== "violation"),
      [/^ATT-002 is passed \(touched\) in the record, and passed by its events/],
    ],
  ];
  for (const [what, events, differences] of rows) {
    it(`tells ${what}`, () => {
      const again = judgeAgain(events);
      expect(again.differences, again.differences.join("\n")).to.have.length(differences.length);
      for (const [i, difference] of differences.entries()) expect(again.differences[i]).to.match(difference);
    });
  }

  it("judges a record by the rules that it was judged by", () => {
    const leak = {
      case: "TD-009",
      title: "it leaks",
      note: "",
      signature: { assertion: "TD-009/four-sources", observed: { subset: { thing: "net1 ips" } } },
    };
    const borne = (events: RunEvent[]): RunEvent[] =>
      events.map((event) => {
        if (event.type === "violation") return { ...event, violation: { ...event.violation, clauseCase: "TD-009" } };
        return event.type === "testbed"
          ? { ...event, deviations: [...event.deviations, { id: "leak", ...leak }] }
          : event;
      });
    const touched = "ATT-002 is passed (touched) in the record, and known (by an invariant, leak) by its events";
    expect(judgeAgain(borne(sampleEvents())).differences).to.deep.equal([touched]);
    const later = changed("run-started", (started) => ({ ...started, judging: JUDGING }));
    expect(judgeAgain(borne(later)).differences).to.deep.equal([
      "TD-009 is without a verdict in the record, and known (by an invariant, leak) by its events",
    ]);
  });

  it("heeds --strict and the interrupt", () => {
    const strict = changed("run-started", (started) => ({ ...started, strict: true }));
    expect(judgeAgain(strict).differences).to.deep.equal([]);
    const interrupted: RunEvent = { seq: 99, at: "2026-01-02T03:04:05.000Z", type: "interrupted", signal: "SIGINT" };
    const last = sampleEvents().length - 1;
    const events = [...sampleEvents().slice(0, last), interrupted, ...sampleEvents().slice(last)];
    expect(judgeAgain(events).differences).to.deep.equal(["the exit code is 1 in the record, and 130 by its verdicts"]);
  });

  it("says what it could not judge again", () => {
    expect(judgeAgain(sampleEvents().slice(0, -1)).left).to.have.length(1);
    const older = changed("run-started", (started) => ({ ...started, strict: undefined }));
    expect(judgeAgain(older)).to.deep.include({ differences: [] });
    expect(judgeAgain(older).left[0]).to.match(/older/);
  });
});
