import type { Problem } from "../problem.ts";

/** What a machine reads of a case that does not hold. */
export function problemSummary({ id, status, reason, findings, deviation, reproduce }: Problem): object {
  const assertions = findings.map(({ what }) => what);
  return { cases: id.split(", "), status, reason, assertions, ...(deviation ? { deviation } : {}), reproduce };
}
