import { casesText } from "../results/counts.ts";
import { durationText } from "./duration-text.ts";
import type { MatrixSetup } from "./matrix-setup.ts";
import type { Paint } from "./paint.ts";
import { textTable } from "./text-table.ts";

/** The plan for a terminal: a line for each cell, by cluster. */
export function planText({ plan, cells, shard, cases, timesMs }: MatrixSetup, paint: Paint): string {
  const clusters = [...new Set(cells.map(({ cluster }) => cluster))];
  const blocks = clusters.map((cluster) => {
    const rows = cells
      .filter((cell) => cell.cluster === cluster)
      .map(({ id, values, stack }) => {
        const time = timesMs.get(id);
        return [id, stack, valuesText(values), time === undefined ? "" : `took ${durationText(time)}`];
      });
    return `${paint("bold", `cluster ${cluster}`)}\n${textTable(rows, "  ")}`;
  });
  const part = shard ? ` in part ${shard.index} of ${shard.count}` : " chosen";
  const of = shard || cells.length < plan.cells.length ? `, ${cells.length} of them${part}` : "";
  return [
    `${plan.cells.length} cells${of}, each with ${casesText(cases)}`,
    ...blocks,
    paint("dim", `plan ${plan.digest}`),
  ].join("\n\n");
}

function valuesText(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([axis, value]) => `${axis} ${value}`)
    .join(", ");
}
