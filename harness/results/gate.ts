import type { ErrorKind } from "../core/errors.ts";
import { EXIT, type CaseStatus } from "../core/status.ts";
import type { Verdict } from "./events.ts";

export interface GateInput {
  /** One that is marked `inBaseline` does not fail the run. */
  readonly verdicts: readonly Verdict[];
  readonly cleanupFailures: readonly string[];
  readonly interrupted?: "SIGINT" | "SIGTERM" | "SIGHUP" | undefined;
  /** The error that ended the run outside any case. */
  readonly aborted?: { readonly kind: ErrorKind; readonly message: string } | undefined;
  /** A known deviation is not accepted. */
  readonly strict: boolean;
}

export interface GateDecision {
  readonly exitCode: number;
  /** Every cause, the deciding one first; empty for 0. */
  readonly causes: readonly string[];
}

/**
 * The exit code of a run. An interrupt beats all, as the run is then no answer; then a wrong use (2), what is wrong with
 * the subject (1), our own errors (3), nothing run (4), failed clean-up (5).
 */
export function gate(input: GateInput): GateDecision {
  const causes = [
    ...interruptCauses(input),
    ...(input.aborted?.kind === "usage" ? [cause(EXIT.usage, input.aborted.message)] : []),
    ...failureCauses(input),
    ...errorCauses(input),
    ...nothingRan(input),
    ...input.cleanupFailures.map((message) => cause(EXIT.cleanupFailed, `clean-up failed: ${message}`)),
  ];
  return { exitCode: causes[0]?.exitCode ?? EXIT.ok, causes: causes.map(({ text }) => text) };
}

interface Cause {
  readonly exitCode: number;
  readonly text: string;
}

function cause(exitCode: number, text: string): Cause {
  return { exitCode, text };
}

function interruptCauses({ interrupted }: GateInput): Cause[] {
  if (!interrupted) return [];
  return [cause(interrupted === "SIGINT" ? EXIT.interrupted : EXIT.terminated, `interrupted by ${interrupted}`)];
}

function failureCauses({ verdicts, aborted, strict }: GateInput): Cause[] {
  const abort = aborted?.kind === "subject" ? [cause(EXIT.failed, aborted.message)] : [];
  const unexpected = verdicts.filter(({ inBaseline }) => inBaseline !== true);
  return [...abort, ...refusedStatuses(strict).flatMap((status) => statusCause(unexpected, status, EXIT.failed))];
}

/** What fails a run. @param strict a known deviation is not accepted */
export function refusedStatuses(strict: boolean): readonly CaseStatus[] {
  return strict ? ["failed", "flaky", "fixed", "known"] : ["failed", "flaky", "fixed"];
}

function errorCauses({ verdicts, aborted }: GateInput): Cause[] {
  const isOurs = aborted?.kind === "host" || aborted?.kind === "harness";
  const abort = isOurs ? [cause(EXIT.error, aborted.message)] : [];
  return [...abort, ...statusCause(verdicts, "error", EXIT.error)];
}

function statusCause(verdicts: readonly Verdict[], status: CaseStatus, exitCode: number): Cause[] {
  const ids = verdicts.filter((verdict) => verdict.status === status).map(({ caseId }) => caseId);
  return ids.length === 0 ? [] : [cause(exitCode, `${ids.length} ${status}: ${ids.join(", ")}`)];
}

function nothingRan({ verdicts, aborted, interrupted }: GateInput): Cause[] {
  if (aborted || interrupted || verdicts.some(({ status }) => status !== "skipped")) return [];
  const text = verdicts.length === 0 ? "no case was run" : `all ${verdicts.length} cases were skipped`;
  return [cause(EXIT.nothingRan, text)];
}

export type Conformance = "conformant" | "not-conformant" | "incomplete";

/**
 * The answer about one level of a profile. A known deviation is still a departure from the specification; a skip, an
 * error or a case that was not run leaves the answer open; and nothing passed is never success.
 * @param ids all cases of the level, run or not
 */
export function conformance(ids: readonly string[], statusOf: ReadonlyMap<string, CaseStatus>): Conformance {
  const statuses = ids.map((id) => statusOf.get(id));
  if (statuses.some((status) => status === "failed" || status === "flaky" || status === "known"))
    return "not-conformant";
  const isComplete = statuses.length > 0 && statuses.every((status) => status === "passed" || status === "fixed");
  return isComplete ? "conformant" : "incomplete";
}
