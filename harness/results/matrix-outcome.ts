import { EXIT } from "../core/status.ts";
import type { MergedMatrix, MergedRun } from "./merge-records.ts";

/** How a cell ended. Without an answer: no record, or one that stops before the end of its run. */
export type CellOutcome = "passed" | "failed" | "error" | "nothing ran" | "interrupted" | "no answer";

const OUTCOMES: Readonly<Record<number, CellOutcome>> = {
  [EXIT.ok]: "passed",
  [EXIT.failed]: "failed",
  [EXIT.nothingRan]: "nothing ran",
  [EXIT.interrupted]: "interrupted",
  [EXIT.terminated]: "interrupted",
};

/** By its run's gate. Where the cluster could not be had nothing is known of a plugin: that is an error, no failure. */
export function outcomeOf(run: MergedRun | undefined): CellOutcome {
  const ended = run?.model.ended;
  return ended ? (OUTCOMES[ended.exitCode] ?? "error") : "no answer";
}

/** The worst first: as the gate of one run has it. */
const ORDER = [
  EXIT.interrupted,
  EXIT.terminated,
  EXIT.usage,
  EXIT.failed,
  EXIT.error,
  EXIT.cleanupFailed,
  EXIT.nothingRan,
] as const;

/** The exit code of several runs: what weighs most of any of them. @param codes none: nothing ran */
export function worstExit(codes: readonly number[]): number {
  if (codes.length === 0) return EXIT.nothingRan;
  return ORDER.find((code) => codes.includes(code)) ?? EXIT.ok;
}

/** The gate of a whole matrix; a cell that has no answer is an error. */
export function matrixExit({ cells }: MergedMatrix): number {
  return worstExit(cells.map(({ run }) => run?.model.ended?.exitCode ?? EXIT.error));
}
