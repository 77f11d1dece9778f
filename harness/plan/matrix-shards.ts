import { nearestName } from "../core/nearest-name.ts";
import { usageError } from "../core/errors.ts";
import type { MatrixCell } from "./matrix-plan.ts";

/** One part of several, counted from 1. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

/** What a cluster of its own costs, until times of real ones are better known. */
const CLUSTER_MS = 90_000;
/** A cell that nobody has timed. */
const CELL_MS = 300_000;

/** Reads `2/3`. @throws PlumblineError PL_SHARD (usage) */
export function parseShard(text: string): Shard {
  const [, index = "", count = ""] = /^(\d+)\/(\d+)$/.exec(text) ?? [];
  const shard = { index: Number(index), count: Number(count) };
  if (index === "") throw shardError(text, "it must be two numbers, such as 1/3");
  if (shard.count < 1) throw shardError(text, "there must be at least one part");
  if (shard.index < 1 || shard.index > shard.count) {
    throw shardError(text, `the parts of ${shard.count} are 1 to ${shard.count}`);
  }
  return shard;
}

function shardError(text: string, why: string): Error {
  return usageError("PL_SHARD", `--shard ${text} is out of range: ${why}`, {
    hint: "`plumbline matrix plan --shard 1/3` shows the cells of a part",
  });
}

/**
 * The cells of every part, balanced by known times. Each cell is in exactly one; those of a cluster stay together as far
 * as that keeps no part waiting. All parts come out the same wherever they are reckoned with the same times.
 * @param timesMs of cells by id, without making a cluster
 */
export function shardCells(
  cells: readonly MatrixCell[],
  count: number,
  timesMs: ReadonlyMap<string, number> = new Map(),
): readonly (readonly MatrixCell[])[] {
  const costOf = (chunk: readonly MatrixCell[]): number =>
    chunk.reduce((sum, { id }) => sum + (timesMs.get(id) ?? CELL_MS), CLUSTER_MS);
  const chunks = inChunks(cells, { count, costOf });
  const parts = Array.from({ length: count }, (): { cells: MatrixCell[]; cost: number } => ({ cells: [], cost: 0 }));
  for (const chunk of chunks.toSorted((a, b) => costOf(b) - costOf(a))) {
    const [least] = parts.toSorted((a, b) => a.cost - b.cost);
    least?.cells.push(...chunk);
    if (least) least.cost += costOf(chunk);
  }
  const order = new Map(cells.map((cell, i) => [cell, i]));
  return parts.map((part) => part.cells.toSorted((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0)));
}

/** The cells by cluster; a cluster that takes longer than a part should is split in halves. */
function inChunks(
  cells: readonly MatrixCell[],
  { count, costOf }: { readonly count: number; readonly costOf: (chunk: readonly MatrixCell[]) => number },
): readonly (readonly MatrixCell[])[] {
  const clusters = [...new Set(cells.map(({ cluster }) => cluster))];
  let chunks = clusters.map((cluster) => cells.filter((cell) => cell.cluster === cluster));
  for (;;) {
    const share = chunks.reduce((sum, chunk) => sum + costOf(chunk), 0) / count;
    const large = chunks.filter((chunk) => chunk.length > 1 && costOf(chunk) > share);
    const [largest] = large.toSorted((a, b) => costOf(b) - costOf(a));
    if (!largest || (chunks.length >= count && costOf(largest) < share * 1.2)) return chunks;
    const middle = Math.ceil(largest.length / 2);
    chunks = chunks.flatMap((chunk) => (chunk === largest ? [chunk.slice(0, middle), chunk.slice(middle)] : [chunk]));
  }
}

/**
 * The cells of these ids, in the order of the plan: one that broke is run again that way, with the digest of the whole plan.
 * @throws PlumblineError PL_CELL (usage) for an id that no cell has
 */
export function pickCells<Cell extends { readonly id: string }>(
  cells: readonly Cell[],
  ids: readonly string[],
): readonly Cell[] {
  const known = new Set(cells.map(({ id }) => id));
  for (const id of ids) {
    if (known.has(id)) continue;
    const nearest = nearestName(id, known);
    throw usageError("PL_CELL", `the plan has no cell ${id}${nearest ? `; did you mean ${nearest}?` : ""}`, {
      hint: "`plumbline matrix plan` shows the cells",
    });
  }
  return cells.filter(({ id }) => ids.includes(id));
}
