import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { harnessError, messageOf, usageError, type PlumblineError } from "../harness/core/errors.ts";
import type { RunEvent } from "../harness/results/events.ts";
import { foldEvents } from "../harness/results/model.ts";
import { recordDigests } from "../harness/results/record-digests.ts";
import { readRecord } from "../harness/results/record-reader.ts";
import type { AllureTool } from "./allure/find-allure.ts";
import { DEFAULT_FORMATS, reportName, type ReportFormat, type ReportSource } from "./formats.ts";

export interface ReportOptions {
  /** By default all. */
  readonly formats?: readonly ReportFormat[];
  /** Gets a folder for each run; by default reports are written beside the record. */
  readonly into?: string | undefined;
  /** Which Allure makes its HTML; by default the one that is there. */
  readonly allure?: AllureTool | undefined;
  /** Ends the making of reports; those that are there by then stay. */
  readonly signal?: AbortSignal | undefined;
}

export interface WrittenReports {
  readonly source: ReportSource;
  /** Files and folders, each with the folder that was written to before it. */
  readonly files: readonly string[];
  /** Reports that could not be made; the others were. */
  readonly failures: readonly PlumblineError[];
  /** Set if the record is cut off in this line: the reports tell what is before it. */
  readonly truncatedAtLine: number | undefined;
}

/**
 * Makes the reports of a run from its record. Each takes the place of the one before it at once, so that no reader ever
 * sees half of it; one that fails leaves the others alone.
 * @param recordDir the folder of the run
 * @throws PlumblineError PL_RECORD_MISSING, PL_RECORD_BROKEN, PL_OUT; the signal's reason if aborted
 */
export async function writeReports(recordDir: string, options: ReportOptions = {}): Promise<WrittenReports> {
  const { formats = DEFAULT_FORMATS, allure, signal } = options;
  const { source, dir, outDir, truncatedAtLine } = readSource(recordDir, options.into);
  makeFolder(outDir);
  const files: string[] = [];
  const failures: PlumblineError[] = [];
  for (const format of formats) {
    signal?.throwIfAborted();
    try {
      files.push(await writeReport(format, { source, from: dir, outDir, allure, signal }));
    } catch (cause) {
      signal?.throwIfAborted();
      failures.push(
        harnessError("PL_REPORT", `the report ${format.name} of ${recordDir} was not written: ${messageOf(cause)}`, {
          cause,
          hint: "the record is whole: `plumbline report RECORD` makes the reports again",
        }),
      );
    }
  }
  return { source, files, failures, truncatedAtLine };
}

export interface RecordSource {
  readonly events: readonly RunEvent[];
  readonly source: ReportSource;
  /** The folder of the record. */
  readonly dir: string;
  /** Where reports are to lie. */
  readonly outDir: string;
  /** Set if the record is cut off in this line. */
  readonly truncatedAtLine: number | undefined;
}

/**
 * Reads what reports are made from.
 * @param into what gets a folder for the run; by default reports lie beside the record. Paths of evidence are told from
 *   where reports lie, so that the same record gives the same reports wherever it is
 * @throws PlumblineError PL_RECORD_MISSING, PL_RECORD_BROKEN
 */
export function readSource(recordDir: string, into?: string): RecordSource {
  const { dir, events, truncatedAtLine } = readRecord(recordDir);
  const model = foldEvents(events);
  const outDir = into === undefined ? dir : path.join(into, folderName(model.started.runId));
  const from = path.relative(outDir, dir).replaceAll(path.sep, "/") || ".";
  return { events, source: { model, dir, recordDir: from, digests: recordDigests(dir) }, dir, outDir, truncatedAtLine };
}

/** The record is input: an id with a path in it would lead out of the folder that was asked for. */
function folderName(runId: string): string {
  if (/^\w[\w.-]*$/.test(runId)) return runId;
  throw usageError("PL_RECORD_BROKEN", `the record has the run id ${JSON.stringify(runId)}, which names no folder`, {
    hint: "leave --out out to write beside the record",
  });
}

interface Place {
  readonly source: ReportSource;
  readonly from: string;
  readonly outDir: string;
  readonly allure: AllureTool | undefined;
  readonly signal: AbortSignal | undefined;
}

async function writeReport(format: ReportFormat, { source, from, outDir, allure, signal }: Place): Promise<string> {
  const target = path.join(outDir, reportName(format));
  const fresh = `${target}.new`;
  rmSync(fresh, { recursive: true, force: true });
  try {
    if ("file" in format) {
      writeFileSync(fresh, format.make(source));
    } else {
      mkdirSync(fresh);
      await format.write(source, { from, to: fresh, allure, signal });
      rmSync(target, { recursive: true, force: true });
    }
    renameSync(fresh, target);
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true });
    throw error;
  }
  return target;
}

function makeFolder(dir: string): void {
  try {
    mkdirSync(dir, { recursive: true });
  } catch (cause) {
    throw usageError("PL_OUT", `no report can be written to ${dir}: ${messageOf(cause)}`, {
      hint: "--out DIR says where to write",
      cause,
    });
  }
}
