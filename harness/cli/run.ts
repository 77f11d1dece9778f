import { appendFileSync, readFileSync } from "node:fs";
import path from "node:path";
import type { Command } from "commander";
import { messageOf } from "../core/errors.ts";
import { EXIT } from "../core/status.ts";
import type { RunOutcome } from "../run/finish-run.ts";
import type { CliContext } from "./context.ts";
import { atLeastOne } from "./testbed-options.ts";
import { showError } from "./show-error.ts";
import { addRunOptions, configFlags, runRequest, type RunFlags } from "./run-options.ts";
import { withPlaces } from "./with-places.ts";

/** Declares `plumbline run`. */
export function declareRun(command: Command, context: CliContext): void {
  addRunOptions(command)
    .description(
      "Brings up a cluster with a stack, runs cases on it, judges every pod by four sources and its residue, and writes the record and the reports.",
    )
    .option("--repeat <n>", "run every case n times; attempts that disagree make it flaky", atLeastOne)
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

What stays: OUT/RUN/events.ndjson (the record), evidence/, conformance.json, junit.xml, summary.md; OUT/latest points to
the newest. With --keep the cluster too, until \`plumbline down\`.

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
  const { json = false, ...runFlags } = flags;
  const request = runRequest(context, runFlags, argv);
  const { executeRun } = await import("../run/execute-run.ts");
  const settings = { file: context.configPath, typed: configFlags(runFlags) };
  const outcome = await withPlaces(settings, () =>
    executeRun(request, { progress: context.progress(), signal: context.signal }),
  );
  context.exitCode = outcome.exitCode;
  try {
    await report(context, outcome, json);
  } catch (error) {
    // a worse cause stands; where there is none, that the reports are missing is one
    if (outcome.exitCode === EXIT.ok) throw error;
    context.progress().note(`the reports could not be written: ${messageOf(error)}`);
  }
  tellAborted(context, outcome, json);
  return outcome;
}

/** What ended a run before its time. With --json stdout has its document already. */
export function tellAborted(
  context: CliContext,
  { aborted, exitCode }: Pick<RunOutcome, "aborted" | "exitCode">,
  json: boolean,
): void {
  if (aborted === undefined || exitCode >= 130) return;
  if (!json) throw aborted;
  showError(aborted, context);
}

async function report(context: CliContext, outcome: RunOutcome, json: boolean): Promise<void> {
  const { recordDir } = outcome;
  const { writeReports } = await import("../../reports/write-reports.ts");
  await writeReports(recordDir);
  const { foldEvents } = await import("../results/model.ts");
  const { readRecord } = await import("../results/record-reader.ts");
  const model = foldEvents(readRecord(recordDir).events);
  if (json) {
    context.print(readFileSync(path.join(recordDir, "conformance.json"), "utf8"));
  } else {
    const { summaryText } = await import("../../reports/summary/summary-text.ts");
    context.print(
      `\n${summaryText(model, { recordDir: path.relative(context.cwd, recordDir), style: context.paint })}`,
    );
  }
  const stepSummary = context.env["GITHUB_STEP_SUMMARY"];
  if (stepSummary) appendFileSync(stepSummary, readFileSync(path.join(recordDir, "summary.md")));
}
