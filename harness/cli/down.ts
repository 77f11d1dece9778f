import type { Command } from "commander";
import { loadConfig } from "../config/load-config.ts";
import { Deadline } from "../core/deadline.ts";
import { inPhase } from "../core/ports.ts";
import { chosenCluster } from "./chosen-cluster.ts";
import type { CliContext } from "./context.ts";

const DELETE_MS = 120_000;

interface DownFlags {
  readonly name?: string;
  readonly all?: boolean;
  readonly force?: boolean;
  readonly json?: boolean;
}

/** Declares `plumbline down`. */
export function declareDown(command: Command, context: CliContext): void {
  command
    .description("Deletes a cluster that Plumbline made, with its network and its kubeconfig, kept or not.")
    .option("--name <name>", "name of the cluster (default: as plumbline.yaml says, else the only one)")
    .option("--all", "every cluster of Plumbline on this host")
    .option("--force", "also while another process works with it")
    .option("--json", 'one JSON document: {"deleted": ["NAME"]}')
    .addHelpText(
      "after",
      `
Examples:
  plumbline down                 the only cluster of Plumbline on this host
  plumbline down --name lab
  plumbline down --all

\`plumbline list clusters\` shows which there are. Clusters that Plumbline did not make are never touched.`,
    )
    .action((flags: DownFlags) => down(context, flags));
}

async function down(context: CliContext, flags: DownFlags): Promise<void> {
  const { listClusters } = await import("../cluster/list-clusters.ts");
  const { deleteCluster } = await import("../cluster/delete-cluster.ts");
  const clusters = await listClusters();
  const name = flags.name ?? loadConfig(context.configPath).cluster.name;
  if (flags.name !== undefined && !clusters.some((cluster) => cluster.name === flags.name)) {
    const { find, requireOurs } = await import("../cluster/ownership.ts");
    requireOurs(flags.name, await find(flags.name));
  }
  const chosen =
    flags.all || (name === undefined && clusters.length === 0) ? clusters : [chosenCluster(clusters, name)];
  const progress = context.progress();
  for (const cluster of chosen) {
    context.signal.throwIfAborted();
    await inPhase(progress, `Delete the cluster ${cluster.name}`, () =>
      deleteCluster(cluster.name, Deadline.in(DELETE_MS), { evenIfInUse: flags.force ?? false }),
    );
  }
  const names = chosen.map((cluster) => cluster.name);
  if (flags.json) context.printJson({ deleted: names });
  else context.print(names.length === 0 ? "there is no cluster" : `deleted: ${names.join(", ")}`);
}
