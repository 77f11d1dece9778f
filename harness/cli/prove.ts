import type { Command } from "commander";
import type { ProofResult } from "../run/judge-proof.ts";
import type { CliContext } from "./context.ts";
import { tellAborted } from "./run.ts";
import { addRunOptions, collect, configFlags, runRequest, type RunFlags } from "./run-options.ts";
import { withPlaces } from "./with-places.ts";

interface ProveFlags extends RunFlags {
  readonly fault?: readonly string[];
  readonly sample?: string;
  readonly json?: boolean;
}

/** Declares `plumbline prove`. */
export function declareProve(command: Command, context: CliContext): void {
  addRunOptions(command, { profile: "the cases of the faults" })
    .description(
      "Proves that the cases notice what they should: plants faults, as many at once as do not touch each other, runs the cases, and compares with a run without a fault. What is not proven in company is tried in smaller ones, and alone in the end. A case that has not been seen to fail proves nothing.",
    )
    .option("--fault <id>", "one fault; may be repeated (default: all of the chosen cases)", collect)
    .option("--sample <n/m>", "the n-th of m parts of these faults")
    .option("--json", "the results as JSON on stdout")
    .addHelpText(
      "after",
      `
Examples:
  plumbline prove --fault bridge-drops-del --reuse
  plumbline prove --case TD-001 --reuse           the faults that this case is to notice
  plumbline prove --stack flannel-thick           all faults
  plumbline prove --sample 3/10                   a tenth of them

Without --case, --profile or the like, only the cases that the planted faults concern are run. With them, all of the
chosen cases look on each time, and none that no fault names may fail.

A fault is proven when exactly the cases that its file names fail, for the reason that it names.
\`plumbline list faults\` shows them; each lies in fixtures/faults.`,
    )
    .action((flags: ProveFlags) => prove(context, flags));
}

async function prove(context: CliContext, flags: ProveFlags): Promise<void> {
  const { fault, sample, json, ...runFlags } = flags;
  // A profile of plumbline.yaml is that of runs; faults choose their cases unless the command line does.
  // faults are those of the reference plugins and of Multus
  const request = { ...runRequest(context, runFlags, process.argv.slice(2)), plugin: undefined };
  const run = { ...request, profile: runFlags.profile };
  const { proveFaults } = await import("../run/prove-faults.ts");
  const { parseSample } = await import("../run/select-faults.ts");
  const faults = { ids: fault ?? [], sample: sample === undefined ? undefined : parseSample(sample) };
  const outcome = await withPlaces({ file: context.configPath, typed: configFlags(runFlags) }, () =>
    proveFaults({ run, faults }, { progress: context.progress(), signal: context.signal }),
  );
  context.exitCode = outcome.exitCode;
  if (json) context.printJson(outcome.results);
  else if (outcome.results.length > 0) {
    context.print(`${outcome.results.map((result) => line(context, result)).join("\n")}\n\n${outcome.reportFile}`);
  }
  if (!run.keep && outcome.hasCluster) {
    const { deleteCluster } = await import("../cluster/delete-cluster.ts");
    const { clusterNameOf } = await import("../run/testbed-options.ts");
    const { Deadline } = await import("../core/deadline.ts");
    await deleteCluster(clusterNameOf({ stack: run.stack, name: run.clusterName }), Deadline.in(120_000));
  }
  tellAborted(context, outcome, json ?? false);
}

function line(context: CliContext, result: ProofResult): string {
  if (result.proven) {
    const by = result.noticedBy.length > 0 ? `noticed by ${result.noticedBy.join(", ")}` : "repairs what it should";
    return `${context.paint("green", "proven")}      ${result.fault}: ${by}`;
  }
  if (result.skipped) return `${context.paint("yellow", "elsewhere")}   ${result.fault}: ${result.problems.join("; ")}`;
  return `${context.paint("red", "not proven")}  ${result.fault}: ${result.problems.join("; ")}`;
}
