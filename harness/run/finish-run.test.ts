import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "chai";
import { hostError } from "../core/errors.ts";
import { baselineOf } from "../results/baseline-of.ts";
import { eventsOf, type CaseEnd, type RunEvent } from "../results/events.ts";
import { judgeAgain } from "../results/judge-again.ts";
import { foldEvents } from "../results/model.ts";
import { readRecord } from "../results/record-reader.ts";
import { RecordWriter } from "../results/record-writer.ts";
import { caseEnd, failed, sampleEvents } from "../results/sample-events.test-support.ts";
import { finishRun, type FinishInput } from "./finish-run.ts";
import { RunJournal } from "./run-journal.ts";

const [started] = eventsOf(sampleEvents(), "run-started");
const [testbed] = eventsOf(sampleEvents(), "testbed");
if (!started || !testbed) throw new Error("the sample has no beginning");
const applies = { component: "multus", versions: "4.3.0" };
const deviations = testbed.deviations.map(({ signature, ...entry }) => {
  if (!signature) throw new Error("the sample has a deviation without signature");
  return { ...entry, applies, signature };
});
const baseline = baselineOf(foldEvents(sampleEvents()));

describe("finishRun", () => {
  let outDir: string;
  beforeEach(() => {
    outDir = mkdtempSync(path.join(tmpdir(), "plumbline-finish-"));
  });
  afterEach(() => rmSync(outDir, { recursive: true }));

  /** Finishes a run of these cases, and reads what it wrote. */
  function finished(ends: readonly CaseEnd[], more: Partial<FinishInput> = {}): readonly RunEvent[] {
    const journal = new RunJournal(RecordWriter.create({ outDir, runId: "run" }));
    const ids = [...new Set(ends.map(({ caseId }) => caseId))];
    const strict = more.strict ?? false;
    const chosen = { selection: ids, planned: started?.planned.filter(({ id }) => ids.includes(id)) ?? [] };
    const { seq: _seq, at: _at, ...start } = { ...(started as NonNullable<typeof started>), ...chosen, strict };
    const { seq: _s, at: _a, ...bed } = testbed as NonNullable<typeof testbed>;
    journal.write(more.baseline ? { ...start, baseline: more.baseline } : start);
    journal.write(bed);
    for (const end of ends) journal.write(end);
    const { features } = finishRun({
      journal,
      chosen: chosen.planned,
      deviations,
      facts: bed.facts,
      aborted: undefined,
      signal: new AbortController().signal,
      strict,
      baseline: undefined,
      ...more,
    });
    expect(features, "features of the testbed").to.deep.equal(bed.features);
    return readRecord(journal.dir).events;
  }

  const bad = caseEnd("STA-005", failed("STA-005/ips"));
  const worse = caseEnd("STA-005", failed("STA-005/mac"));
  const known = caseEnd("RTE-001", failed("RTE-001/one-default-route", [{ dev: "eth0" }]));
  const good = caseEnd("ATT-001");
  const rows: [string, readonly CaseEnd[], Partial<FinishInput>, number][] = [
    ["all passed", [good, known], {}, 0],
    ["a known deviation under --strict", [good, known], { strict: true }, 1],
    ["a failure", [good, bad], {}, 1],
    ["a failure that the baseline has", [good, bad], { baseline }, 0],
    ["another failure than that of the baseline", [good, worse], { baseline }, 1],
    ["a known deviation of the baseline under --strict", [good, known], { baseline, strict: true }, 0],
    ["a host that gave up", [good], { aborted: hostError("PL_X", "no disk"), baseline }, 3],
    ["an interrupt", [good, bad], { signal: AbortSignal.abort() }, 130],
  ];
  for (const [what, ends, more, exitCode] of rows) {
    it(`ends with ${exitCode} for: ${what}; and its record gives the same when it is judged again`, () => {
      const events = finished(ends, more);
      expect(eventsOf(events, "run-ended")[0]?.exitCode).to.equal(exitCode);
      expect(judgeAgain(events)).to.deep.equal({ differences: [], left: [] });
    });
  }

  it("keeps the status of what the baseline excuses, and marks it", () => {
    const [, verdict] = eventsOf(finished([good, bad], { baseline }), "verdict");
    expect(verdict).to.include({ caseId: "STA-005", status: "failed", inBaseline: true });
  });
});
