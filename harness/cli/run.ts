import { appendFileSync, readFileSync } from "node:fs";
import path from "node:path";
import type { Command } from "commander";
import type { RunOutcome } from "../run/finish-run.ts";
import type { CliContext } from "./context.ts";
import { atLeastOne } from "./testbed-options.ts";
import { addRunOptions, runRequest, type RunFlags } from "./run-options.ts";

/** Declares `plumbline run`. */
export function declareRun(command: Command, context: CliContext): void {
  addRunOptions(command)
    .description(
      "Brings up a cluster with a stack, runs cases on it, judges every pod by four sources and its residue, and writes the record and the reports.",
    )
    .option("--repeat <n>", "run every case n times; attempts that disagree make it flaky", atLeastOne)
    .option("--fail-fast", "begin no further case after one that failed unexpectedly")
    .option("--plugin <source>", "your own plugin: a path, go:MODULE@VERSION#PACKAGE, or image:REF#/path")
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
  plumbline run --reuse --plugin ./bin/my-cni       your own plugin, by itself and under Multus

Your own plugin: cases ask it in place of the reference plugins, those of layer L0 first; what has nothing to ask it is
skipped (SKIP_PLUGIN_ROLE). It is placed on the nodes under its own name. If a reference plugin has that name, yours takes
its place for this run, for the cluster network too. With --reuse it is placed again only if it was edited; the next run
without it takes it away. The network that it is asked with is the key plugin.network of plumbline.yaml: README.md.

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
  const outcome = await executeRun(request, { progress: context.progress(), signal: context.signal });
  await report(context, outcome, json);
  context.exitCode = outcome.exitCode;
  if (outcome.aborted !== undefined && outcome.exitCode < 130) throw outcome.aborted;
  return outcome;
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
