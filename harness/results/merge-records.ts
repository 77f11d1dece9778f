import { messageOf, usageError } from "../core/errors.ts";
import { findRecords, type FoundRecord } from "./find-records.ts";
import { foldEvents, type RunModel } from "./model.ts";
import { readRecord, type RunRecord } from "./record-reader.ts";
import type { MatrixFacts } from "./run-facts.ts";

/** One run of a merged matrix. */
export interface MergedRun {
  readonly dir: string;
  readonly model: RunModel;
  /** The record was cut off in this line: what stands before it is used. */
  readonly truncatedAtLine: number | undefined;
}

export interface MergedCell {
  readonly id: string;
  /** In words, by axis. */
  readonly values: Readonly<Record<string, string>>;
  /** Undefined if no record is of this cell. */
  readonly run: MergedRun | undefined;
}

/** The records of one plan, cell by cell. */
export interface MergedMatrix {
  /** Digest of the plan. */
  readonly plan: string;
  /** In the order of the plan. */
  readonly cells: readonly MergedCell[];
}

export interface Merged {
  readonly matrix: MergedMatrix;
  /** What the user should know, one line each: what was cut off, and what was left out. */
  readonly notes: readonly string[];
  /** Records that cannot be read; the others are merged without them. */
  readonly errors: readonly unknown[];
}

interface Read extends FoundRecord {
  readonly record: RunRecord;
  readonly facts: MatrixFacts;
}

/**
 * Puts the records of a matrix together, from wherever its parts ran.
 * @param names folders of records, or folders with records below them
 * @throws PlumblineError (usage) PL_RECORD_MISSING; PL_MERGE_PLANS for records of different plans; PL_MERGE_TWICE for two of
 *   one cell; PL_MERGE_NONE if none is of a matrix
 */
export function mergeRecords(names: readonly string[]): Merged {
  const errors: unknown[] = [];
  const notes: string[] = [];
  const read: Read[] = [];
  for (const found of findRecords(names)) {
    try {
      const record = readRecord(found.dir);
      const [started] = record.events;
      const facts = started?.type === "run-started" ? started.matrix : undefined;
      if (facts) read.push({ ...found, record, facts });
      else notes.push(`${found.dir} is no cell of a matrix, and was left out`);
    } catch (error) {
      errors.push(error);
    }
  }
  const [first] = read;
  if (!first) throw noCell(names, errors);
  refuseOtherPlans(read);
  const runs = runsByCell(read);
  for (const { dir, truncatedAtLine } of runs.values()) {
    if (truncatedAtLine === undefined) continue;
    notes.push(
      `${dir}/events.ndjson:${truncatedAtLine}: the record is cut off in this line; what stands before it is used`,
    );
  }
  const cells = first.facts.cells.map(({ id, values }) => ({ id, values, run: runs.get(id) }));
  return { matrix: { plan: first.facts.plan, cells }, notes, errors };
}

function noCell(names: readonly string[], errors: readonly unknown[]): Error {
  const why = errors.map((error) => `; ${messageOf(error)}`).join("");
  return usageError("PL_MERGE_NONE", `no record of a matrix is in ${names.join(", ")}${why}`, {
    hint: "`plumbline matrix run` writes them; `plumbline report` makes the reports of other runs",
    cause: errors[0],
  });
}

function refuseOtherPlans(read: readonly Read[]): void {
  const [first] = read;
  const other = read.find(({ facts }) => facts.plan !== first?.facts.plan);
  if (!first || !other) return;
  throw usageError(
    "PL_MERGE_PLANS",
    `${first.dir} and ${other.dir} are of different plans: ${short(first.facts)} and ${short(other.facts)}`,
    {
      hint: "merge the records of one plan: the same matrix, the same cases, the same version of Plumbline; run the others again",
      context: { plans: [...new Set(read.map(({ facts }) => facts.plan))] },
    },
  );
}

function short({ plan }: MatrixFacts): string {
  return plan.slice(0, "sha256:".length + 12);
}

function runsByCell(read: readonly Read[]): ReadonlyMap<string, MergedRun> {
  const runs = new Map<string, MergedRun>();
  for (const { dir, record, facts } of read) {
    const model = foldEvents(record.events);
    const other = runs.get(facts.cell);
    // one record that was copied is no second one
    if (other?.model.started.runId === model.started.runId) continue;
    if (other) {
      throw usageError("PL_MERGE_TWICE", `the cell ${facts.cell} has two records: ${other.dir} and ${dir}`, {
        hint: "give one of them: which counts is for you to say",
      });
    }
    runs.set(facts.cell, { dir, model, truncatedAtLine: record.truncatedAtLine });
  }
  return runs;
}

/** How long each cell took but for making its cluster, by id: what shards are balanced by. */
export function cellTimes({ cells }: MergedMatrix): ReadonlyMap<string, number> {
  return new Map(
    cells.flatMap(({ id, run }) => {
      if (!run?.model.ended) return [];
      const { totalMs, slowestPhases } = run.model.times;
      const making = slowestPhases.filter(
        ({ title, parents }) => parents.length === 0 && /^(Cluster|Images)\b/.test(title),
      );
      return [[id, totalMs - making.reduce((sum, { durationMs }) => sum + durationMs, 0)] as const];
    }),
  );
}
