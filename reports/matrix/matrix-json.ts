import { problemSummary } from "./problem-summary.ts";
import type { MatrixModel } from "./matrix-model.ts";

/** The table for machines. */
export function matrixJson(model: MatrixModel): string {
  return `${JSON.stringify(matrixTable(model), null, 2)}\n`;
}

/** The same as data. */
export function matrixTable({ plan, cells, cases }: MatrixModel): object {
  return {
    plan,
    cells: cells.map(
      ({
        id,
        values,
        outcome,
        verdict,
        counts,
        problems,
        known,
        sriovLevels,
        totalMs,
        recordDir,
        truncatedAtLine,
      }) => ({
        id,
        values,
        outcome,
        verdict,
        counts: counts ?? null,
        problems: problems.map(problemSummary),
        known: known.map(problemSummary),
        ...(sriovLevels.length === 0 ? {} : { sriovLevels }),
        durationMs: totalMs ?? null,
        record: recordDir ?? null,
        ...(truncatedAtLine === undefined ? {} : { truncatedAtLine }),
      }),
    ),
    cases: cases.map(({ id, title, statuses }) => ({ id, title, statuses: Object.fromEntries(statuses) })),
  };
}
