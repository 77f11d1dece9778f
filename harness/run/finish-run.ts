import { messageOf, PlumblineError } from "../core/errors.ts";
import { CASE_STATUSES } from "../core/status.ts";
import type { CaseIndexEntry } from "../plan/case-index.ts";
import { applyingDeviations, type Deviation } from "../plan/deviations.ts";
import { markBaseline } from "../results/baseline.ts";
import { brokenAssertions } from "../results/broken-assertions.ts";
import type { CaseEnd, Verdict } from "../results/events.ts";
import { gate } from "../results/gate.ts";
import { finalVerdicts } from "../results/judge.ts";
import { JUDGING, type Baseline, type StackFacts } from "../results/run-facts.ts";
import type { Feature } from "./detect-features.ts";
import type { RunJournal } from "./run-journal.ts";

export interface RunOutcome {
  readonly recordDir: string;
  readonly exitCode: number;
  readonly causes: readonly string[];
  readonly verdicts: readonly Verdict[];
  readonly caseEnds: readonly CaseEnd[];
  readonly features: readonly Feature[];
  /** What ended the run before its time, if anything did. */
  readonly aborted: unknown;
}

export interface FinishInput {
  readonly journal: RunJournal;
  readonly chosen: readonly Pick<CaseIndexEntry, "id" | "revision">[];
  readonly deviations: readonly Deviation[];
  readonly facts: StackFacts | undefined;
  readonly aborted: unknown;
  readonly signal: AbortSignal;
  readonly strict: boolean;
  readonly baseline: Baseline | undefined;
}

/** Judges what was seen, writes the verdicts and the end of the run, and closes the record. */
export function finishRun(input: FinishInput): RunOutcome {
  const { journal, deviations, facts, aborted, strict } = input;
  const signalName = interruptOf(input.signal);
  if (signalName) journal.write({ type: "interrupted", signal: signalName });
  journal.writeInvariants();
  const { caseEnds, violations, cleanupFailures } = journal;
  const interrupted = signalName !== undefined;
  const why = aborted === undefined ? undefined : { kind: kindOf(aborted), message: messageOf(aborted) };
  const seen = { selection: input.chosen.map(({ id }) => id), caseEnds, violations, judging: JUDGING } as const;
  const judged = finalVerdicts({ ...seen, deviations, facts, interrupted, aborted: why?.message });
  const applying = facts ? applyingDeviations(deviations, facts) : [];
  const verdicts = markBaseline(judged, {
    baseline: input.baseline,
    strict,
    revisionOf: new Map(input.chosen.map(({ id, revision }) => [id, revision])),
    broken: brokenAssertions({ ...seen, verdicts: judged, applying }),
  });
  for (const verdict of verdicts) journal.write(verdict);
  const abort = interrupted ? undefined : why;
  const decision = gate({ verdicts, cleanupFailures, strict, interrupted: signalName, aborted: abort });
  const count = (status: string): number => verdicts.filter((verdict) => verdict.status === status).length;
  const counts = Object.fromEntries(CASE_STATUSES.map((status) => [status, count(status)])) as Record<
    Verdict["status"],
    number
  >;
  journal.write({ type: "run-ended", ...decision, counts, ...(why ? { aborted: why } : {}) });
  journal.close();
  const { dir: recordDir, features } = journal;
  return { recordDir, ...decision, verdicts, caseEnds, features, aborted };
}

function kindOf(error: unknown): PlumblineError["kind"] {
  return error instanceof PlumblineError ? error.kind : "harness";
}

function interruptOf(signal: AbortSignal): "SIGINT" | "SIGTERM" | "SIGHUP" | undefined {
  if (!signal.aborted) return undefined;
  const { signalName } = (signal.reason ?? {}) as { readonly signalName?: unknown };
  return signalName === "SIGTERM" || signalName === "SIGHUP" ? signalName : "SIGINT";
}
