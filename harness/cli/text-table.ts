import { visibleLength } from "./wrap-text.ts";

/** Rows with aligned columns, two spaces between them; the last column is not padded. */
export function textTable(rows: readonly (readonly string[])[], indent = ""): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, visibleLength(cell));
  }
  return rows
    .map((row) => indent + row.map((cell, i) => padded(cell, widths[i] ?? 0, i === row.length - 1)).join("  "))
    .join("\n");
}

function padded(cell: string, width: number, last: boolean): string {
  return last ? cell : cell + " ".repeat(width - visibleLength(cell));
}
