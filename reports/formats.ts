import { stringify } from "yaml";
import type { RunModel } from "../harness/results/model.ts";
import type { RecordDigests } from "../harness/results/record-digests.ts";
import type { AllureTool } from "./allure/find-allure.ts";
import { writeAllureReport } from "./allure/write-allure-report.ts";
import { writeAllureResults } from "./allure/write-allure-results.ts";
import { conformanceReport } from "./conformance/conformance-report.ts";
import { ctrfJson } from "./ctrf/ctrf-json.ts";
import { reportHtml } from "./html/report-html.ts";
import { junitXml } from "./junit/junit-xml.ts";
import { summaryMarkdown } from "./summary/summary-markdown.ts";
import { summaryText } from "./summary/summary-text.ts";

/** What every report is made from. Equal sources give equal reports. */
export interface ReportSource {
  readonly model: RunModel;
  /** The folder of the record, where evidence is read. */
  readonly dir: string;
  /** How paths of evidence begin: from where the report lies to the folder of the record. */
  readonly recordDir: string;
  readonly digests: RecordDigests;
}

/** A report that is one file of text. */
export interface FileFormat {
  /** What `plumbline report --format` calls it. */
  readonly name: string;
  readonly file: string;
  readonly make: (source: ReportSource) => string;
}

/** Folders to read from and to write to. */
export interface ReportFolders {
  /** The folder of the record. */
  readonly from: string;
  /** A new and empty folder, which takes the place of the report when it is whole. */
  readonly to: string;
  /** Which Allure, where the report is its HTML. */
  readonly allure?: AllureTool | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A report that is a folder of files. */
export interface FolderFormat {
  readonly name: string;
  readonly folder: string;
  /** Whether equal records give equal bytes, so that `plumbline verify` can hold the folder against the record. */
  readonly isReproducible: boolean;
  /** Made only where it is asked for by name: it takes a program that is not shipped. */
  readonly onDemand?: boolean;
  readonly write: (source: ReportSource, folders: ReportFolders) => Promise<void>;
}

export type ReportFormat = FileFormat | FolderFormat;

/** Name of the file or folder, beside the record. */
export function reportName(format: ReportFormat): string {
  return "file" in format ? format.file : format.folder;
}

/** Every report; a new one is an entry here. */
export const REPORT_FORMATS: readonly ReportFormat[] = [
  { name: "json", file: "conformance.json", make: (source) => `${JSON.stringify(conformanceOf(source), null, 2)}\n` },
  { name: "yaml", file: "conformance.yaml", make: (source) => yaml(conformanceOf(source)) },
  { name: "junit", file: "junit.xml", make: ({ model, recordDir }) => junitXml(model, recordDir) },
  { name: "ctrf", file: "ctrf.json", make: ({ model, recordDir }) => ctrfJson(model, recordDir) },
  { name: "html", file: "report.html", make: ({ model, dir, recordDir }) => reportHtml(model, { dir, recordDir }) },
  {
    name: "allure-results",
    folder: "allure-results",
    isReproducible: true,
    write: async ({ model, dir }, { to }) => void (await writeAllureResults({ model, recordDir: dir, outDir: to })),
  },
  {
    name: "allure",
    folder: "allure-report",
    isReproducible: false,
    onDemand: true,
    write: ({ model, dir }, { to, allure, signal }) =>
      writeAllureReport({ model, recordDir: dir, outDir: to, tool: allure, signal }),
  },
  { name: "text", file: "summary.txt", make: ({ model, recordDir }) => summaryText(model, { recordDir }) },
  { name: "markdown", file: "summary.md", make: ({ model, recordDir }) => summaryMarkdown(model, recordDir) },
];

/** What is made where nobody names reports. */
export const DEFAULT_FORMATS: readonly ReportFormat[] = REPORT_FORMATS.filter((format) => !isOnDemand(format));

export function isOnDemand(format: ReportFormat): boolean {
  return "onDemand" in format && (format.onDemand ?? false);
}

function conformanceOf({ model, digests }: ReportSource): object {
  return conformanceReport(model, digests);
}

/** Texts that a reader of YAML 1.1 would take for something else, such as times and "yes", are quoted. */
function yaml(data: object): string {
  return stringify(data, { lineWidth: 0, compat: "yaml-1.1", aliasDuplicateObjects: false });
}
