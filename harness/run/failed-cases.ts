import { usageError } from "../core/errors.ts";
import type { RunModel } from "../results/model.ts";

/**
 * The cases that a record leaves open: what failed, was flaky, was an error, or was not begun because of that.
 * @param among ids that narrow it; empty: none do
 * @throws PlumblineError PL_NOTHING_SELECTED (usage) if all is well there
 */
export function failedCases(
  { cases, started }: Pick<RunModel, "cases" | "started">,
  among: readonly string[],
): readonly string[] {
  const wanted = new Set(among.map((id) => id.toUpperCase()));
  const open = cases.filter(
    ({ verdict: { status, skip } }) =>
      ["failed", "flaky", "error"].includes(status) ||
      skip?.code === "SKIP_FAIL_FAST" ||
      skip?.code === "SKIP_INTERRUPTED",
  );
  const ids = open.map(({ id }) => id).filter((id) => wanted.size === 0 || wanted.has(id));
  if (ids.length > 0) return ids;
  throw usageError("PL_NOTHING_SELECTED", `no case failed in the run ${started.runId}: there is nothing to run again`, {
    hint: "leave --failed out to run all that is chosen",
  });
}
