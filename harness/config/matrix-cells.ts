import type { CniVersion } from "./network-templates.ts";
import type { PluginConfig } from "./plugin-schema.ts";

/** In the order in which cells are told; the last changes fastest. */
export const MATRIX_AXES = ["kubernetes", "defaultNetwork", "mode", "multus", "plugin", "ipam", "cniVersion"] as const;
export type MatrixAxis = (typeof MATRIX_AXES)[number];

type AxisValue = string | PluginConfig;

/** One value of each axis that a cell names. */
export interface CellValues {
  readonly kubernetes?: string | undefined;
  readonly defaultNetwork?: string | undefined;
  readonly mode?: "thick" | "thin" | undefined;
  readonly multus?: string | undefined;
  readonly plugin?: AxisValue | undefined;
  readonly ipam?: AxisValue | undefined;
  readonly cniVersion?: CniVersion | undefined;
}

/** The axes and their exceptions, as the schema reads them. */
type Axes = { readonly [A in MatrixAxis]?: readonly NonNullable<CellValues[A]>[] | undefined } & {
  readonly include: readonly CellValues[];
  readonly exclude: readonly CellValues[];
};

/** All combinations of the axes without those that are excluded, then those that are included. */
export function matrixCells({ include, exclude, ...axes }: Axes): readonly CellValues[] {
  const named = MATRIX_AXES.filter((axis) => axes[axis] !== undefined);
  const crossed = named.reduce<readonly CellValues[]>(
    (cells, axis) => cells.flatMap((cell) => (axes[axis] ?? []).map((value) => ({ ...cell, [axis]: value }))),
    named.length === 0 ? [] : [{}],
  );
  return [...crossed.filter((cell) => !exclude.some((entry) => excludedFrom(cell, entry))), ...include];
}

/** Whether a cell has all the values of an entry. */
export function excludedFrom(cell: CellValues, entry: CellValues): boolean {
  const [of, wanted] = [labelsOf(cell), labelsOf(entry)];
  return Object.entries(wanted).every(([axis, label]) => of[axis] === label);
}

/** Whether two cells have the same values of the same axes. */
export function sameCell(a: CellValues, b: CellValues): boolean {
  return excludedFrom(a, b) && excludedFrom(b, a);
}

/** The values in words, in the order of the axes. */
export function labelsOf(cell: CellValues): Readonly<Record<string, string>> {
  return Object.fromEntries(
    MATRIX_AXES.flatMap((axis) => {
      const value = cell[axis];
      return value === undefined ? [] : [[axis, labelOf(value)] as const];
    }),
  );
}

/** What a value is called. */
export function labelOf(value: AxisValue): string {
  return typeof value === "string" ? value : (value.name ?? value.source ?? "");
}
