import { CASE_STATUSES } from "../../harness/core/status.ts";
import type { CellView } from "./matrix-model.ts";

/** Statuses of cases that a cell of the table tells, in a few words: `12 passed, 1 failed`, and on which levels of SR-IOV. */
export function cellCounts({ counts, sriovLevels }: CellView): string {
  if (!counts) return "";
  const told = CASE_STATUSES.filter((status) => counts[status] > 0);
  const words = told.map((status) => `${counts[status]} ${status}`).join(", ");
  return sriovLevels.length === 0 ? words : `${words}; SR-IOV ${sriovLevels.join(" and ")}`;
}

/** `6 cells: 5 passed, 1 failed` */
export function matrixCounts(cells: readonly CellView[]): string {
  const outcomes = [...new Set(cells.map(({ outcome }) => outcome))];
  const told = outcomes.map((outcome) => `${cells.filter((cell) => cell.outcome === outcome).length} ${outcome}`);
  return `${cells.length} cell${cells.length === 1 ? "" : "s"}: ${told.join(", ")}`;
}

const AXIS_WORDS: Readonly<Record<string, string>> = {
  kubernetes: "Kubernetes",
  defaultNetwork: "default network",
  multus: "Multus",
  ipam: "IPAM",
  cniVersion: "CNI version",
};

export function axisWords(axis: string): string {
  return AXIS_WORDS[axis] ?? axis;
}

/** `default network ptp, mode thick` */
export function valuesText(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([axis, value]) => `${axisWords(axis)} ${value}`)
    .join(", ");
}
