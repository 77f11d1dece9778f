import { expect } from "chai";
import { baselineOf } from "./baseline-of.ts";
import { isInBaseline, markBaseline } from "./baseline.ts";
import { brokenAssertions } from "./broken-assertions.ts";
import type { RunEvent, Verdict } from "./events.ts";
import { gate } from "./gate.ts";
import { judgeAgain } from "./judge-again.ts";
import { foldEvents } from "./model.ts";
import { JUDGING } from "./run-facts.ts";
import { sampleEvents } from "./sample-events.test-support.ts";

const model = foldEvents(sampleEvents());

describe("brokenAssertions", () => {
  const brokenIn = Object.fromEntries(model.cases.map(({ id, broken }) => [id, broken]));

  it("has assertions and invariants of what did not hold, by the case that answers for them", () => {
    expect(brokenIn["STA-005"]).to.deep.equal(["STA-005/four-sources", "STA-005/ips"]);
    expect(brokenIn["ATT-002"], "only touched").to.deep.equal([]);
    expect(brokenIn["TD-001"], "one attempt of two").to.deep.equal(["TD-001/no-residue"]);
    expect(brokenIn["ATT-001"]).to.deep.equal([]);
  });

  it("has the deviation where one decides, and nothing of an error", () => {
    expect(brokenIn["RTE-001"]).to.deep.equal(["RTE-001/known:route-kept"]);
    expect(brokenIn["RTE-002"]).to.deep.equal(["RTE-002/fixed:route-gone"]);
    expect(brokenIn["IPM-001"]).to.deep.equal([]);
  });

  it("lays an invariant to the case whose pod it is where that of the clause did not run", () => {
    const violations = sampleEvents().filter((event) => event.type === "violation");
    const verdict: Verdict = {
      type: "verdict",
      caseId: "ATT-002",
      status: "failed",
      reason: "",
      touched: false,
      via: "invariant",
    };
    const seen = { selection: ["ATT-002"], caseEnds: [], violations, judging: JUDGING } as const;
    const broken = brokenAssertions({ ...seen, verdicts: [verdict], applying: [] });
    expect([...broken]).to.deep.equal([["ATT-002", ["STA-005/four-sources"]]]);
    const signature = { assertion: "STA-005/four-sources", observed: { subset: { thing: "net1 ips" } } };
    const known = { id: "lie", case: "STA-005", title: "it lies", signature };
    const ofEntry: Verdict = { ...verdict, caseId: "STA-005", status: "known", deviation: "lie" };
    const passed: Verdict = { ...verdict, status: "passed", touched: true, via: "case" };
    const excused = brokenAssertions({ ...seen, verdicts: [passed, ofEntry], applying: [known] });
    expect([...excused]).to.deep.equal([["STA-005", ["STA-005/known:lie"]]]);
    const both = { ...ofEntry, alsoKnown: ["again"] };
    expect([...brokenAssertions({ ...seen, verdicts: [both], applying: [known] })]).to.deep.equal([
      ["STA-005", ["STA-005/known:again", "STA-005/known:lie"]],
    ]);
  });
});

describe("a baseline", () => {
  const baseline = baselineOf(model);

  it("has what did not hold, and neither errors nor skips", () => {
    expect(baseline).to.include({ runId: "20260102T030405-abc123", stack: "ptp-thick" });
    expect(baseline.cases.map(({ id }) => id)).to.deep.equal(["STA-005", "RTE-001", "RTE-002", "TD-001"]);
  });

  const seen = { id: "STA-005", revision: 1, broken: ["STA-005/ips"] };
  const table: [string, typeof seen, boolean][] = [
    ["the same assertion of the same revision", seen, true],
    ["all that the baseline has", { ...seen, broken: ["STA-005/four-sources", "STA-005/ips"] }, true],
    ["another assertion", { ...seen, broken: ["STA-005/mac"] }, false],
    ["another assertion beside one that it has", { ...seen, broken: ["STA-005/ips", "STA-005/mac"] }, false],
    ["another revision", { ...seen, revision: 2 }, false],
    ["a case that held there", { ...seen, id: "ATT-001" }, false],
    ["a case of which nothing tells what did not hold", { ...seen, broken: [] }, false],
    ["what was a known deviation there", { id: "RTE-001", revision: 1, broken: ["RTE-001/one-default-route"] }, false],
  ];
  for (const [what, entry, answer] of table) {
    it(`${answer ? "has" : "has not"} ${what}`, () => expect(isInBaseline(baseline, entry)).to.equal(answer));
  }
});

describe("a run against its baseline", () => {
  const verdicts = model.cases.map(({ verdict }) => verdict);
  const input = {
    baseline: baselineOf(model),
    revisionOf: new Map(model.cases.map(({ id, revision }) => [id, revision])),
    broken: new Map(model.cases.map(({ id, broken }) => [id, broken])),
  };
  const gateOf = (marked: readonly Verdict[], strict: boolean) =>
    gate({ verdicts: marked, cleanupFailures: [], strict }).causes;

  it("is not failed by what failed there too, and keeps every status", () => {
    const marked = markBaseline(verdicts, { ...input, strict: false });
    expect(marked.map(({ status }) => status)).to.deep.equal(verdicts.map(({ status }) => status));
    expect(marked.filter(({ inBaseline }) => inBaseline).map(({ caseId }) => caseId)).to.deep.equal([
      "STA-005",
      "RTE-002",
      "TD-001",
    ]);
    expect(gateOf(verdicts, false)).to.have.length(4);
    expect(gateOf(marked, false), "an error is never excused").to.deep.equal(["1 error: IPM-001"]);
  });

  it("is not failed by a known deviation of there under --strict", () => {
    expect(gateOf(markBaseline(verdicts, { ...input, strict: true }), true)).to.deep.equal(["1 error: IPM-001"]);
  });

  it("is failed by all without one", () => {
    expect(markBaseline(verdicts, { ...input, baseline: undefined, strict: false })).to.equal(verdicts);
  });

  it("is judged again from its record alone", () => {
    const marked = markBaseline(verdicts, { ...input, strict: false });
    const events = sampleEvents().map((event): RunEvent => {
      if (event.type === "run-started") return { ...event, baseline: input.baseline };
      if (event.type === "run-ended") return { ...event, exitCode: 3 };
      if (event.type !== "verdict") return event;
      return marked.find(({ caseId }) => caseId === event.caseId)?.inBaseline ? { ...event, inBaseline: true } : event;
    });
    expect(judgeAgain(events).differences).to.deep.equal([]);
    const wiped = events.map((event) => (event.type === "run-started" ? { ...event, baseline: undefined } : event));
    expect(judgeAgain(wiped).differences).to.have.length(4);
  });
});
