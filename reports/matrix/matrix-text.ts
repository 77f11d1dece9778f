import type { MatrixModel, CellView } from "./matrix-model.ts";
import { cellCounts, matrixCounts } from "./matrix-words.ts";

type Style = (name: "bold" | "red" | "green" | "yellow" | "dim", text: string) => string;

/** The matrix on a terminal: a line for each cell, and below it each case that failed there. */
export function matrixText({ cells, plan }: MatrixModel, style: Style = (_name, text) => text): string {
  const width = Math.max(...cells.map(({ id }) => id.length));
  const lines = cells.flatMap((cell) => [
    `${style(toneOf(cell), cell.outcome.padEnd(11))}  ${cell.id.padEnd(width)}  ${cellCounts(cell) || cell.verdict}`,
    ...cell.problems.map(({ status, id, title }) => style("dim", `  ${status.padEnd(9)}  ${id} ${title}`)),
  ]);
  return [style("bold", matrixCounts(cells)), ...lines, style("dim", `plan ${plan}`)].join("\n");
}

function toneOf({ outcome }: CellView): "red" | "green" | "yellow" {
  if (outcome === "passed") return "green";
  return outcome === "failed" ? "red" : "yellow";
}
