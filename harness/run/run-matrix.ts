import { readClaim } from "../cluster/claim.ts";
import { deleteCluster } from "../cluster/delete-cluster.ts";
import { Deadline } from "../core/deadline.ts";
import { messageOf } from "../core/errors.ts";
import { EXIT } from "../core/status.ts";
import { inPhase } from "../core/ports.ts";
import type { MatrixCell } from "../plan/matrix-plan.ts";
import { executeRun } from "./execute-run.ts";
import type { RunPorts } from "./started-run.ts";
import type { RunOutcome } from "./finish-run.ts";
import type { RunRequest } from "./run-request.ts";

const DELETE_MS = 120_000;

/** A cell that was begun. */
export interface CellRun {
  readonly cell: MatrixCell;
  readonly exitCode: number;
  /** Undefined if it came to no record; `error` then says why. */
  readonly outcome: RunOutcome | undefined;
  readonly error: unknown;
}

export interface MatrixRun {
  readonly runs: readonly CellRun[];
  /** Cells that an interrupt left out. */
  readonly left: readonly MatrixCell[];
  /** Clusters that could not be removed, one line each. */
  readonly cleanupFailures: readonly string[];
}

interface MatrixOptions {
  /** In the order of the plan: cells that share a cluster stand together. */
  readonly cells: readonly MatrixCell[];
  readonly requestOf: (cell: MatrixCell) => RunRequest;
  /** Leave the clusters. */
  readonly keep: boolean;
  readonly ports: Pick<RunPorts, "progress" | "signal">;
  /** Called after each cell, before the next begins. */
  readonly onCell: (run: CellRun) => Promise<void>;
  /** For tests. */
  readonly execute?: typeof executeRun;
  readonly remove?: (cluster: string) => Promise<void>;
}

/**
 * Runs cells one after the other, each with a record of its own. A cell that fails, or whose cluster cannot be had, does not
 * keep the others from running. A cluster goes with the last cell on it, also after an interrupt.
 */
export async function runMatrix(options: MatrixOptions): Promise<MatrixRun> {
  const { cells, keep, ports, onCell, remove = removeCluster } = options;
  const runs: CellRun[] = [];
  const cleanupFailures: string[] = [];
  for (const [i, cell] of cells.entries()) {
    if (ports.signal.aborted) break;
    ports.progress.note(`cell ${i + 1} of ${cells.length}: ${cell.id}`);
    const run = await runCell(cell, options);
    runs.push(run);
    await onCell(run);
    const isLast = cells[i + 1]?.cluster !== cell.cluster || ports.signal.aborted;
    if (!isLast || keep) continue;
    await inPhase(ports.progress, `Remove the cluster ${cell.cluster}`, () => remove(cell.cluster)).catch(
      (error: unknown) => cleanupFailures.push(`${cell.cluster}: ${messageOf(error)}`),
    );
  }
  return { runs, left: cells.slice(runs.length), cleanupFailures };
}

async function runCell(cell: MatrixCell, { requestOf, ports, execute = executeRun }: MatrixOptions): Promise<CellRun> {
  try {
    const outcome = await execute(requestOf(cell), ports);
    return { cell, exitCode: outcome.exitCode, outcome, error: undefined };
  } catch (error) {
    // what is wrong before a record is open is no answer about the plugin, whoever is to blame for it
    return { cell, exitCode: EXIT.error, outcome: undefined, error };
  }
}

/** Unless the user had it kept before. */
async function removeCluster(name: string): Promise<void> {
  if (readClaim(name)?.keep) return;
  await deleteCluster(name, Deadline.in(DELETE_MS));
}
