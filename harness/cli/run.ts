import path from "node:path";
import type { Command } from "commander";
import { messageOf } from "../core/errors.ts";
import type { RunOutcome } from "../run/finish-run.ts";
import { EXIT } from "../core/status.ts";
import type { CliContext } from "./context.ts";
import { appendStepSummary } from "./step-summary.ts";
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
    .option("--baseline <record>", "only what is new since this record fails the run, e.g. plumbline-out/latest")
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
  plumbline run --baseline records/v4.3.0           what failed there too does not fail this run
  plumbline run --reuse --plugin ./bin/my-cni       your own plugin, by itself and under Multus
  plumbline run --cluster existing --kubeconfig ./kubeconfig     your own cluster, as it is

Your own plugin: cases ask it in place of the reference plugins, those of layer L0 first; what has nothing to ask it is
skipped (SKIP_PLUGIN_ROLE). It is placed on the nodes under its own name. If a reference plugin has that name, yours takes
its place for this run, for the cluster network too. With --reuse it is placed again only if it was edited; the next run
without it takes it away. The network that it is asked with is the key plugin.network of plumbline.yaml: README.md.

Your own cluster: Multus and the default network are found out, nothing that is there is replaced, and all that is brought is
removed at the end; after a kill by \`plumbline gc --kubeconfig FILE\`. Cases that disturb are skipped (SKIP_DISRUPTIVE) unless
--allow-disruptive; those that put pods on a link of the nodes too (SKIP_UNCONFIGURED), unless --master and --range say which.

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
  for (const failure of failures) showError(failure, context);
  if (failures.length > 0 && WEAKER_THAN_ERROR.has(context.exitCode)) context.exitCode = EXIT.error;
}
