import { renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import { foldEvents, type RunModel } from "../harness/results/model.ts";
import { readRecord } from "../harness/results/record-reader.ts";
import { conformanceReport } from "./conformance/conformance-report.ts";
import { reportHtml } from "./html/report-html.ts";
import { junitXml } from "./junit/junit-xml.ts";
import { summaryMarkdown } from "./summary/summary-markdown.ts";
import { summaryText } from "./summary/summary-text.ts";

/** They lie beside the evidence, so its paths are told from there: the same record gives the same reports anywhere. */
const HERE = ".";

/** Name of each report, and what makes it; evidence is read from the folder of the record. */
const REPORTS: Readonly<Record<string, (model: RunModel, recordDir: string) => string>> = {
  "conformance.json": (model) => `${JSON.stringify(conformanceReport(model), null, 2)}\n`,
  "junit.xml": (model) => junitXml(model, HERE),
  "summary.txt": (model) => summaryText(model, { recordDir: HERE }),
  "summary.md": (model) => summaryMarkdown(model, HERE),
  "report.html": reportHtml,
};

/**
 * Writes all reports of a run beside its record. Each file replaces the one before it at once, so that no reader ever
 * sees half of it.
 * @param recordDir the folder of the run
 * @returns paths of the files, each with `recordDir` before it
 * @throws PlumblineError PL_RECORD_MISSING, PL_RECORD_BROKEN
 */
export async function writeReports(recordDir: string): Promise<string[]> {
  const model = foldEvents(readRecord(recordDir).events);
  return Object.entries(REPORTS).map(([name, make]) => {
    const file = path.join(recordDir, name);
    writeFileSync(`${file}.new`, make(model, recordDir));
    renameSync(`${file}.new`, file);
    return file;
  });
}
