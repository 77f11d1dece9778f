import { CASE_STATUSES, type CaseStatus } from "../core/status.ts";

export type StatusCounts = Record<CaseStatus, number>;

export function emptyCounts(): StatusCounts {
  return { passed: 0, failed: 0, known: 0, fixed: 0, skipped: 0, error: 0, flaky: 0 };
}

/** `12 passed, 1 failed`, in the order of the statuses; zeros are left out. */
export function countsText(counts: StatusCounts): string {
  const parts = CASE_STATUSES.filter((status) => counts[status] > 0).map((status) => `${counts[status]} ${status}`);
  return parts.length === 0 ? "no cases" : parts.join(", ");
}

/** `1 case`, `13 cases` */
export function casesText(n: number): string {
  return `${n} case${n === 1 ? "" : "s"}`;
}
