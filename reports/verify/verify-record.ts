import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { PlumblineError } from "../../harness/core/errors.ts";
import { judgeAgain } from "../../harness/results/judge-again.ts";
import { recordDigests } from "../../harness/results/record-digests.ts";
import { REPORT_FORMATS, reportName, type ReportFormat, type ReportSource } from "../formats.ts";
import { readSource, type RecordSource } from "../write-reports.ts";
import { compareReport } from "./compare-report.ts";
import { digestDiscrepancies, publishedDigests, type Discrepancy } from "./digest-discrepancies.ts";

export interface Verification {
  /** Undefined if the events cannot be read. */
  readonly source: ReportSource | undefined;
  /** Everything that does not hold; empty if all does. */
  readonly discrepancies: readonly Discrepancy[];
  /** What could not be looked at, and why. */
  readonly notes: readonly string[];
  /** Names of the reports that were held against the record. */
  readonly reports: readonly string[];
  readonly evidenceFiles: number;
}

/**
 * Holds all files of a record against each other: events and evidence against the digests in `conformance.json`, verdicts,
 * counts and exit code against the events, and every report against what the record gives.
 * @throws PlumblineError PL_RECORD_MISSING
 */
export async function verifyRecord(
  recordDir: string,
  formats: readonly ReportFormat[] = REPORT_FORMATS,
): Promise<Verification> {
  const { read, discrepancies: broken } = readOrTell(recordDir);
  const dir = read?.dir ?? folderOf(recordDir);
  const digests = recordDigests(dir);
  const published = publishedDigests(dir);
  const source = read?.source;
  const again = read ? judgeAgain(read.events) : { differences: [], left: [] };
  const reports = formats.filter((format) => existsSync(path.join(dir, reportName(format))));
  const compared = source ? await Promise.all(reports.map((format) => compareReport(dir, format, source))) : [];
  const named = new Set(source?.model.cases.flatMap(({ evidence }) => evidence));
  const lost = [...named].filter((file) => !digests.evidence.some((entry) => entry.path === file));
  return {
    source,
    discrepancies: [
      ...broken,
      ...published.discrepancies,
      ...(published.digests ? digestDiscrepancies(digests, published.digests) : []),
      ...again.differences.map((what) => ({ file: "events.ndjson", what })),
      ...lost.map((file) => ({ file, what: "the events name it, and it is not there" })),
      ...compared.flatMap(({ discrepancies }) => discrepancies),
    ],
    notes: [
      ...again.left.map((why) => `verdicts were not judged again: ${why}`),
      ...compared.flatMap(({ notes }) => notes),
      ...strangers(dir, formats),
    ],
    reports: reports.map(reportName),
    evidenceFiles: digests.evidence.length,
  };
}

interface Read {
  readonly read: RecordSource | undefined;
  readonly discrepancies: readonly Discrepancy[];
}

/** A record that is broken is what this looks for; one that is not there is a mistake of the caller. */
function readOrTell(recordDir: string): Read {
  try {
    return { read: readSource(recordDir), discrepancies: [] };
  } catch (error) {
    if (!(error instanceof PlumblineError) || error.code !== "PL_RECORD_BROKEN") throw error;
    return { read: undefined, discrepancies: [{ file: "events.ndjson", what: error.message }] };
  }
}

function folderOf(record: string): string {
  return record.endsWith(".ndjson") ? path.dirname(record) : record;
}

/** Files of which the record knows nothing, such as the logs of lanes. */
function strangers(dir: string, formats: readonly ReportFormat[]): readonly string[] {
  const own = new Set(["events.ndjson", "evidence", ...formats.map(reportName)]);
  const others = readdirSync(dir).filter((name) => !own.has(name));
  return others.length === 0 ? [] : [`not part of the record, and not looked at: ${others.toSorted().join(", ")}`];
}
