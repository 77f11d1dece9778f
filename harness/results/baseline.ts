import type { Verdict } from "./events.ts";
import { refusedStatuses } from "./gate.ts";
import type { Baseline } from "./run-facts.ts";

/** A case of this run, with the ids of what did not hold, as `brokenAssertions` has them. */
export interface BrokenCase {
  readonly id: string;
  readonly revision: number;
  readonly broken: readonly string[];
}

/**
 * Whether all that does not hold did not hold in the baseline either: the same case in the same revision, and no
 * assertion that held there. A case that judges otherwise than it did may have found something else.
 */
export function isInBaseline(baseline: Baseline, { id, revision, broken }: BrokenCase): boolean {
  const before = baseline.cases.find((entry) => entry.id === id && entry.revision === revision);
  return before !== undefined && broken.length > 0 && broken.every((assertion) => before.failures.includes(assertion));
}

export interface BaselineInput {
  readonly baseline: Baseline | undefined;
  readonly strict: boolean;
  /** Revision of a case of this run. */
  readonly revisionOf: ReadonlyMap<string, number>;
  readonly broken: ReadonlyMap<string, readonly string[]>;
}

/** The verdicts, with a mark on each that would fail the run and does not, since the baseline has it. */
export function markBaseline(verdicts: readonly Verdict[], input: BaselineInput): readonly Verdict[] {
  const { baseline, strict, revisionOf, broken } = input;
  if (!baseline) return verdicts;
  const refused = refusedStatuses(strict);
  return verdicts.map((verdict) => {
    const { caseId: id, status } = verdict;
    const seen = { id, revision: revisionOf.get(id) ?? 1, broken: broken.get(id) ?? [] };
    return refused.includes(status) && isInBaseline(baseline, seen) ? { ...verdict, inBaseline: true } : verdict;
  });
}
