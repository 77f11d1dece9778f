import path from "node:path";
import type { CaseStatus } from "../../harness/core/status.ts";
import type { StatusCounts } from "../../harness/results/counts.ts";
import { outcomeOf, type CellOutcome } from "../../harness/results/matrix-outcome.ts";
import type { MergedCell, MergedMatrix } from "../../harness/results/merge-records.ts";
import type { SriovLevel } from "../../harness/results/sriov-levels.ts";
import { problemOf, problemsOf, type Problem } from "../problem.ts";
import { levelsOfRun } from "../sriov-levels.ts";
import { headline } from "../summary/headline.ts";

/** One cell as the tables show it. */
export interface CellView {
  readonly id: string;
  readonly values: Readonly<Record<string, string>>;
  readonly outcome: CellOutcome;
  /** The verdict of its run, or why there is none. */
  readonly verdict: string;
  /** Undefined without a record. */
  readonly counts: StatusCounts | undefined;
  /** What fails its gate, then what broke by itself. */
  readonly problems: readonly Problem[];
  /** Known deviations. */
  readonly known: readonly Problem[];
  /** What was tested, with versions. */
  readonly subjects: readonly { readonly name: string; readonly version: string; readonly origin: string }[];
  /** Levels of SR-IOV that its cases ran on; none for one without VFs. */
  readonly sriovLevels: readonly SriovLevel[];
  readonly totalMs: number | undefined;
  /** From where the table lies to the folder of the record. */
  readonly recordDir: string | undefined;
  readonly truncatedAtLine: number | undefined;
}

/** A case that does not hold in some cell. */
export interface CaseRow {
  readonly id: string;
  readonly title: string;
  /** By cell; absent where it was not run. */
  readonly statuses: ReadonlyMap<string, CaseStatus>;
}

/** All that the tables show. */
export interface MatrixModel {
  readonly plan: string;
  readonly cells: readonly CellView[];
  /** Axes that have more than one value, but for that of the columns. */
  readonly rowAxes: readonly string[];
  /** The axis whose values are the columns; undefined where one column does. */
  readonly columnAxis: string | undefined;
  readonly columns: readonly string[];
  readonly rows: readonly MatrixRow[];
  readonly cases: readonly CaseRow[];
}

export interface MatrixRow {
  /** One for each row axis. */
  readonly values: readonly string[];
  /** One for each column. */
  readonly cells: readonly (CellView | undefined)[];
}

/** Worth the columns, the likeliest to be read across first. */
const COLUMN_AXES = ["multus", "kubernetes", "plugin", "ipam", "cniVersion", "mode", "defaultNetwork"];

/** @param outDir where the tables will lie */
export function matrixModel(matrix: MergedMatrix, outDir: string): MatrixModel {
  const cells = matrix.cells.map((cell) => viewOf(cell, outDir));
  const axes = [...new Set(cells.flatMap(({ values }) => Object.keys(values)))];
  const varied = axes.filter((axis) => valuesOf(cells, axis).length > 1);
  const columnAxis = COLUMN_AXES.find((axis) => varied.includes(axis));
  const rowAxes = varied.filter((axis) => axis !== columnAxis);
  const columns = columnAxis === undefined ? [""] : valuesOf(cells, columnAxis);
  return {
    plan: matrix.plan,
    cells,
    rowAxes,
    columnAxis,
    columns,
    rows: rowsOf(cells, { rowAxes, columnAxis, columns }),
    cases: casesOf(matrix),
  };
}

/** In the order in which cells have them. */
function valuesOf(cells: readonly CellView[], axis: string): readonly string[] {
  return [...new Set(cells.map(({ values }) => values[axis] ?? ""))];
}

function rowsOf(
  cells: readonly CellView[],
  { rowAxes, columnAxis, columns }: Pick<MatrixModel, "rowAxes" | "columnAxis" | "columns">,
): readonly MatrixRow[] {
  const keyOf = (cell: CellView): readonly string[] => rowAxes.map((axis) => cell.values[axis] ?? "");
  const keys = new Map(cells.map((cell) => [keyOf(cell).join("\0"), keyOf(cell)]));
  return [...keys].map(([key, values]) => {
    const own = cells.filter((cell) => keyOf(cell).join("\0") === key);
    const at = (column: string): CellView | undefined =>
      own.find((cell) => columnAxis === undefined || (cell.values[columnAxis] ?? "") === column);
    return { values, cells: columns.map(at) };
  });
}

function viewOf(cell: MergedCell, outDir: string): CellView {
  const { id, values, run } = cell;
  const outcome = outcomeOf(run);
  if (!run) {
    const none = { counts: undefined, problems: [], known: [], subjects: [], sriovLevels: [], totalMs: undefined };
    return {
      id,
      values,
      outcome,
      verdict: "no record of this cell was merged",
      ...none,
      recordDir: undefined,
      truncatedAtLine: undefined,
    };
  }
  const { model, dir, truncatedAtLine } = run;
  const recordDir = path.relative(outDir, dir).replaceAll(path.sep, "/") || ".";
  const known = model.cases.filter(({ verdict }) => verdict.status === "known");
  return {
    id,
    values,
    outcome,
    verdict: headline(model).text,
    counts: model.counts,
    problems: problemsOf(model, recordDir),
    known: known.map((entry) => problemOf(model, entry, recordDir)),
    subjects: model.subjects.map(({ name, version, origin }) => ({ name, version, origin })),
    sriovLevels: levelsOfRun(model),
    totalMs: model.times.totalMs,
    recordDir,
    truncatedAtLine,
  };
}

const HOLDS: ReadonlySet<CaseStatus> = new Set(["passed", "skipped"]);

function casesOf({ cells }: MergedMatrix): readonly CaseRow[] {
  const rows = new Map<string, { title: string; statuses: Map<string, CaseStatus> }>();
  for (const { id: cell, run } of cells) {
    for (const { id, title, verdict } of run?.model.cases ?? []) {
      const row = rows.get(id) ?? { title, statuses: new Map<string, CaseStatus>() };
      rows.set(id, row);
      row.statuses.set(cell, verdict.status);
    }
  }
  return [...rows]
    .filter(([, { statuses }]) => [...statuses.values()].some((status) => !HOLDS.has(status)))
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([id, row]) => ({ id, ...row }));
}
