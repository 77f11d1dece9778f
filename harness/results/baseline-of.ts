import { refusedStatuses } from "./gate.ts";
import type { RunModel } from "./model.ts";
import type { Baseline } from "./run-facts.ts";

/**
 * A run as the baseline of later ones: what did not hold there, by case and revision. Errors and skips are left out: they
 * say nothing of the subject.
 */
export function baselineOf({ started, cases }: RunModel): Baseline {
  const { runId, stack, suiteDigest } = started;
  const refused = refusedStatuses(true);
  const failing = cases.filter(({ verdict, broken }) => refused.includes(verdict.status) && broken.length > 0);
  return {
    runId,
    stack,
    suiteDigest,
    cases: failing.map(({ id, revision, broken }) => ({ id, revision, failures: broken })),
  };
}
