import path from "node:path";
import { Option, type Command } from "commander";
import type { AllureTool } from "../../reports/allure/find-allure.ts";
import { DEFAULT_FORMATS, isOnDemand, REPORT_FORMATS, reportName, type ReportFormat } from "../../reports/formats.ts";
import { usageError } from "../core/errors.ts";
import { nearestName } from "../core/nearest-name.ts";
import { EXIT } from "../core/status.ts";
import type { CliContext } from "./context.ts";
import { errorAsJson, exitCodeOf, renderError } from "./render-error.ts";
import { collect } from "./run-options.ts";
import { appendStepSummary } from "./step-summary.ts";

interface ReportFlags {
  readonly format?: readonly string[];
  readonly allure?: keyof typeof ALLURES;
  readonly out?: string;
  readonly json?: boolean;
}

/** The Allures that make HTML, by what `--allure` calls them. */
const ALLURES = { "2": "allure2", "3": "allure3" } as const;

/** Declares `plumbline report`. */
export function declareReport(command: Command, context: CliContext): void {
  command
    .argument("<record...>", "folders of runs, each with an events.ndjson, e.g. plumbline-out/latest")
    .description(
      "Makes the reports of runs again, from their records alone: on another machine, with a newer Plumbline, or after a run that was killed. A run makes them at its end by itself.",
    )
    .option("--format <name>", "one report, by name; may be repeated (default: all but allure)", collect)
    .addOption(
      new Option("--allure <version>", "the HTML of Allure, by this one: 2 needs a Java").choices(Object.keys(ALLURES)),
    )
    .option("--out <dir>", "write to DIR/RUN/ (default: beside each record)")
    .option("--json", 'one JSON document: {"reports": [{"record", "runId", "files", ...}], "errors": [...]}')
    .addHelpText(
      "after",
      `
Reports:
${REPORT_FORMATS.map((format) => `  ${format.name.padEnd(15)} ${reportName(format)}${isOnDemand(format) ? " (only by name)" : ""}`).join("\n")}

allure makes HTML with allure-commandline where there is a Java, else with Allure 3; --allure says which. Neither is shipped
with Plumbline. Runs that lie side by side share a history.

The Markdown is also added to the page of the job where GITHUB_STEP_SUMMARY names one.

Examples:
  plumbline report plumbline-out/latest
  plumbline report plumbline-out/2026* --format allure
  plumbline report plumbline-out/latest --allure 3
  plumbline report plumbline-out/2026* --format junit --format ctrf --out reports

A record that is cut off is reported up to there. One that is missing or broken does not keep the others from being reported.

Exit codes: 0 all were made, 2 a record is missing or broken, 3 a report could not be made. How the run ended is in the
reports, and not in this exit code.`,
    )
    .action((records: readonly string[], flags: ReportFlags) => report(context, records, flags));
}

interface Made {
  readonly record: string;
  readonly runId: string;
  /** How the run ended, in one line. */
  readonly headline: string;
  readonly files: readonly string[];
  readonly truncatedAtLine?: number;
}

async function report(context: CliContext, records: readonly string[], flags: ReportFlags): Promise<void> {
  const named = flags.allure === undefined ? flags.format : [...(flags.format ?? []), "allure"];
  const formats = chosenFormats(named);
  const allure = flags.allure && ALLURES[flags.allure];
  const into = flags.out === undefined ? undefined : path.resolve(context.cwd, flags.out);
  const made: Made[] = [];
  const errors: unknown[] = [];
  for (const record of new Set(records)) {
    if (context.signal.aborted) break;
    try {
      const { failures, ...done } = await reportOne(context, record, { formats, into, allure });
      made.push(done);
      errors.push(...failures);
    } catch (error) {
      errors.push(error);
    }
  }
  context.exitCode = errors.length === 0 ? EXIT.ok : Math.max(...errors.map(exitCodeOf));
  if (flags.json) {
    context.printJson({ reports: made, errors: errors.map((error) => errorAsJson(error)) });
    return;
  }
  for (const done of made) context.print(textOf(context, done));
  showErrors(context, errors);
}

function chosenFormats(names: readonly string[] | undefined): readonly ReportFormat[] {
  if (!names) return DEFAULT_FORMATS;
  const known = REPORT_FORMATS.map(({ name }) => name);
  for (const name of names) {
    if (known.includes(name)) continue;
    const nearest = nearestName(name, known);
    throw usageError("PL_REPORT_UNKNOWN", `there is no report ${name}`, {
      hint: nearest ? `did you mean ${nearest}?` : `there are ${known.join(", ")}`,
    });
  }
  return REPORT_FORMATS.filter(({ name }) => names.includes(name));
}

interface Wanted {
  readonly formats: readonly ReportFormat[];
  readonly into: string | undefined;
  readonly allure: AllureTool | undefined;
}

async function reportOne(
  context: CliContext,
  record: string,
  wanted: Wanted,
): Promise<Made & { readonly failures: readonly unknown[] }> {
  const { writeReports } = await import("../../reports/write-reports.ts");
  const { headline } = await import("../../reports/summary/headline.ts");
  const { summaryMarkdown } = await import("../../reports/summary/summary-markdown.ts");
  const { source, files, failures, truncatedAtLine } = await writeReports(path.resolve(context.cwd, record), {
    ...wanted,
    signal: context.signal,
  });
  appendStepSummary(context, summaryMarkdown(source.model, record));
  return {
    record,
    runId: source.model.started.runId,
    headline: headline(source.model).text,
    files: files.map((file) => shownPath(context.cwd, file)),
    failures,
    ...(truncatedAtLine === undefined ? {} : { truncatedAtLine }),
  };
}

/** From here where it is below, so that it can be clicked and copied; whole where it is elsewhere. */
function shownPath(cwd: string, file: string): string {
  const relative = path.relative(cwd, file);
  return relative.startsWith("..") ? file : relative;
}

function textOf(context: CliContext, { runId, headline, files, truncatedAtLine }: Made): string {
  const cut =
    truncatedAtLine === undefined
      ? []
      : [context.paint("yellow", `  the record is cut off in line ${truncatedAtLine}: reported is what is before it`)];
  return [`${context.paint("bold", runId)} ${headline}`, ...cut, ...files.map((file) => `  ${file}`)].join("\n");
}

function showErrors(context: CliContext, errors: readonly unknown[]): void {
  const columns = Math.min(context.stderr.columns ?? 120, 120);
  const view = { verbose: context.verbose, paint: context.errorPaint, columns };
  for (const error of errors) context.stderr.write(`${renderError(error, view)}\n`);
}
