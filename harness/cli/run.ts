import path from "node:path";
import type { Command } from "commander";
import type { RunOutcome } from "../run/finish-run.ts";
import { EXIT } from "../core/status.ts";
import type { CliContext } from "./context.ts";
import { appendStepSummary } from "./step-summary.ts";
import { atLeastOne } from "./testbed-options.ts";
import { addRunOptions, runRequest, type RunFlags } from "./run-options.ts";

/** Declares `plumbline run`. */
export function declareRun(command: Command, context: CliContext): void {
  addRunOptions(command)
    .description(
      "Brings up a cluster with a stack, runs cases on it, judges every pod by four sources and its residue, and writes the record and the reports.",
    )
    .option("--repeat <n>", "run every case n times; attempts that disagree make it flaky", atLeastOne)
    .option("--baseline <record>", "only what is new since this record fails the run, e.g. plumbline-out/latest")
    .option("--fail-fast", "begin no further case after one that failed unexpectedly")
    .option("--json", "the conformance report on stdout")
    .addHelpText(
      "after",
      `
Examples:
  plumbline run                                     profile quick on ptp-thick; the cluster is removed at the end
  plumbline run --stack flannel-thick --lanes 2
  plumbline run --reuse --case RTE-001              one case on a cluster that stays: seconds, when it stands
  plumbline run --profile quick --grep status --keep
  plumbline run --reuse --layer L0                  the reference plugins by themselves
  plumbline run --reuse --failed plumbline-out/latest
  plumbline run --reuse --case TD-001 --repeat 5 --fail-fast
  plumbline run --baseline records/v4.3.0           what failed there too does not fail this run

--baseline: a case that does not hold is excused if the other record has it in the same revision with the same assertion. It
is reported as failed all the same, and conformance is what it is. An error is never excused.

What stays: OUT/RUN/events.ndjson (the record), evidence/ and the reports (\`plumbline report\` lists and remakes them);
OUT/latest points to the newest. With --keep the cluster too, until \`plumbline down\`.

Exit codes: 0 nothing unexpected, 1 failed, flaky or fixed, 3 error without a failure, 4 nothing ran, 5 clean-up failed.`,
    )
    .action(async (flags: RunFlags & { readonly json?: boolean }) => {
      await runAndReport(context, flags, process.argv.slice(2));
    });
}

/** Runs, reports, and sets the exit code. */
export async function runAndReport(
  context: CliContext,
  flags: RunFlags & { readonly json?: boolean },
  argv: readonly string[],
): Promise<RunOutcome> {
  const request = runRequest(context, flags, argv);
  const { executeRun } = await import("../run/execute-run.ts");
  const outcome = await executeRun(request, { progress: context.progress(), signal: context.signal });
  context.exitCode = outcome.exitCode;
  await report(context, outcome, flags.json ?? false);
  if (outcome.aborted !== undefined && outcome.exitCode < 130) throw outcome.aborted;
  return outcome;
}

const WEAKER_THAN_ERROR: ReadonlySet<number> = new Set([EXIT.ok, EXIT.nothingRan, EXIT.cleanupFailed]);

/** Writes all reports and shows one. What cannot be written costs neither the others nor a worse exit code. */
async function report(context: CliContext, outcome: RunOutcome, json: boolean): Promise<void> {
  const { recordDir } = outcome;
  const { writeReports } = await import("../../reports/write-reports.ts");
  const { source, failures } = await writeReports(recordDir);
  const { conformanceReport } = await import("../../reports/conformance/conformance-report.ts");
  const { summaryMarkdown } = await import("../../reports/summary/summary-markdown.ts");
  const { summaryText } = await import("../../reports/summary/summary-text.ts");
  const options = { recordDir: path.relative(context.cwd, recordDir), style: context.paint };
  if (json) context.printJson(conformanceReport(source.model, source.digests));
  else context.print(`\n${summaryText(source.model, options)}`);
  appendStepSummary(context, summaryMarkdown(source.model, options.recordDir));
  for (const failure of failures) context.stderr.write(`${failure.message}\n`);
  if (failures.length > 0 && WEAKER_THAN_ERROR.has(context.exitCode)) context.exitCode = EXIT.error;
}
