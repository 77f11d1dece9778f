import { randomUUID } from "node:crypto";
import type { Command } from "commander";
import { loadConfig } from "../config/load-config.ts";
import { mergeConfig } from "../config/merge-config.ts";
import type { Config } from "../config/schema.ts";
import { Scope } from "../core/scope.ts";
import type { Subject } from "../core/subject.ts";
import type { Testbed } from "../run/testbed.ts";
import type { CliContext } from "./context.ts";
import { durationText } from "./duration-text.ts";
import { addTestbedOptions, multusOf, type TestbedFlags } from "./testbed-options.ts";
import { withPlaces } from "./with-places.ts";

const CLEANUP_MS = 120_000;

interface UpFlags extends TestbedFlags {
  readonly keep?: boolean;
  readonly json?: boolean;
}

/** Declares `plumbline up`. */
export function declareUp(command: Command, context: CliContext): void {
  addTestbedOptions(command)
    .description(
      "Brings up a kind cluster with a stack on it, ready for cases, and leaves it there: gets the images, makes the cluster on a Docker network of its own, installs the stack, and proves that a pod with a secondary network works. A cluster of the same name and specification that stands already is taken as it is.",
    )
    .option("--keep", "leave it for a look when the stack does not become ready; else it is deleted then")
    .option("--json", "one JSON document: name, kubeconfig, nodes, subjects, times")
    .addHelpText(
      "after",
      `
Examples:
  plumbline up                                            ptp-thick on one worker
  plumbline up --stack flannel-thick --name lab --workers 2
  export KUBECONFIG=$(plumbline up --json | jq -r .kubeconfig)

It prints how to run cases on it; it is removed by \`plumbline down\`.
Your own kubeconfig is never touched. Defaults come from plumbline.yaml, if it is there.`,
    )
    .action((flags: UpFlags) => up(context, flags));
}

async function up(context: CliContext, flags: UpFlags): Promise<void> {
  const config = configOf(context, flags);
  const { openTestbed } = await import("../run/testbed.ts");
  const { setKeep } = await import("../cluster/claim.ts");
  let subjects: readonly Subject[];
  const scope = new Scope({ budgetMs: CLEANUP_MS });
  let testbed: Testbed;
  try {
    testbed = await withPlaces({ file: context.configPath, typed: { stack: flags.stack } }, () =>
      openTestbed({
        stack: config.stack,
        multus: multusOf(config),
        cniVersion: config.cniVersion,
        multusSettings: config.multusConfig,
        name: config.cluster.name,
        workers: config.workers,
        ipFamily: config.ipFamily,
        images: { ...config.images, kubernetes: config.kubernetes },
        runId: randomUUID(),
        reuse: true,
        keep: flags.keep ?? false,
        progress: context.progress(),
        signal: context.signal,
        scope,
      }),
    );
    await testbed.cleared;
    subjects = await testbed.subjects();
    await testbed.leave();
  } catch (error) {
    await scope.close();
    throw error;
  }
  scope.release();
  setKeep(testbed.cluster.spec.name, true);
  if (flags.json) context.printJson(asJson(testbed, subjects));
  else context.print(usage(testbed, config));
}

function configOf(context: CliContext, flagsOf: UpFlags): Config {
  const { stack, kubernetes, multus, cniVersion, name, workers, ipFamily, source, mirror } = flagsOf;
  const made = { stack, kubernetes, multus, cniVersion, workers, ipFamily };
  const flags = { ...made, cluster: { name }, images: { source, mirror } };
  return mergeConfig(loadConfig(context.configPath), flags);
}

function asJson({ cluster, times }: Testbed, subjects: readonly Subject[]): object {
  const { spec, kubeconfigPath: kubeconfig, nodes, created } = cluster;
  return { name: spec.name, stack: spec.stack, kubeconfig, created, nodes, subjects, timesMs: times };
}

/** What to do with it now. */
function usage({ cluster, stack, times }: Testbed, config: Config): string {
  const { name, workers, ipFamily } = cluster.spec;
  const spent = Object.entries(times).map(([phase, ms]) => `${phase} ${durationText(ms)}`);
  const again = ["--reuse", `--stack ${stack.name}`, `--name ${name}`];
  if (config.kubernetes !== undefined) again.push(`--kubernetes ${config.kubernetes}`);
  if (config.multus !== undefined) again.push(`--multus ${config.multus}`);
  if (config.cniVersion !== undefined) again.push(`--cni-version ${config.cniVersion}`);
  if (workers !== 1) again.push(`--workers ${workers}`);
  if (ipFamily !== "ipv4") again.push(`--ip-family ${ipFamily}`);
  if (config.images.source !== "auto") again.push(`--source ${config.images.source}`);
  if (config.images.mirror !== undefined) again.push(`--mirror ${config.images.mirror}`);
  return `
The cluster ${name} ${cluster.created ? "is up" : "was up already"}: ${stack.name}, ${cluster.nodes.length} nodes (${spent.join(", ")})

  export KUBECONFIG=${cluster.kubeconfigPath}
  plumbline run ${again.join(" ")}
  plumbline down --name ${name}`;
}
