import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { SriovLevel } from "../../harness/results/sriov-levels.ts";
import type { RunEvent } from "../../harness/results/events.ts";
import type { MatrixFacts } from "../../harness/results/run-facts.ts";
import { sampleEvents } from "../../harness/results/sample-events.test-support.ts";
import { eventLines } from "../../harness/results/sample-record.test-support.ts";

const CELLS = ["thick", "thin"].flatMap((mode) =>
  ["v4.3.0", "v4.2.3"].map((multus) => ({ id: `${mode}-${multus}`, values: { mode, multus } })),
);

/** A plan of four cells; each test takes records of some of them. */
export const SAMPLE_PLAN: Omit<MatrixFacts, "cell"> = { plan: `sha256:${"a".repeat(64)}`, cells: CELLS };

interface CellRun {
  /** How its gate ended; 0: without what failed. */
  readonly exitCode?: number;
  readonly plan?: string;
  /** That every case of it ran on. */
  readonly sriovLevels?: SriovLevel[];
}

/** The events of a sample run as those of a cell. */
export function cellEvents(
  cell: string,
  { exitCode = 1, plan = SAMPLE_PLAN.plan, sriovLevels }: CellRun = {},
): readonly RunEvent[] {
  return sampleEvents().map((event): RunEvent => {
    if (event.type === "run-started") {
      return { ...event, runId: `20260102T030405-${cell}`, matrix: { ...SAMPLE_PLAN, plan, cell } };
    }
    if (event.type === "verdict" && exitCode === 0 && event.status !== "known") return { ...event, status: "passed" };
    if (event.type === "case-ended" && sriovLevels) return { ...event, sriovLevels };
    if (event.type === "run-ended") return { ...event, exitCode, causes: exitCode === 0 ? [] : event.causes };
    return event;
  });
}

/** Writes the record of a cell. @returns its folder */
export function writeCell(out: string, cell: string, options: CellRun & { readonly dir?: string } = {}): string {
  const dir = path.join(out, options.dir ?? cell);
  mkdirSync(dir, { recursive: true });
  writeFileSync(path.join(dir, "events.ndjson"), eventLines(cellEvents(cell, options)));
  return dir;
}
