import path from "node:path";
import type { Command } from "commander";
import type { GcItem, GcReport } from "../cluster/collect-garbage.ts";
import { EXIT } from "../core/status.ts";
import type { CliContext } from "./context.ts";
import type { PaintName } from "./paint.ts";
import { textTable } from "./text-table.ts";

interface GcFlags {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly ofOthers?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

const COLORS: Readonly<Record<GcItem["action"], PaintName>> = {
  removed: "green",
  "would remove": "yellow",
  left: "dim",
  failed: "red",
};

/** Declares `plumbline gc`. */
export function declareGc(command: Command, context: CliContext): void {
  command
    .description(
      "Removes clusters, networks and processes that runs left which were killed. What is kept (`up`, --keep), what a living process works with, and what Plumbline did not make is left alone; so are the images.",
    )
    .option("--kubeconfig <file>", "what runs left in this cluster, which is not Plumbline's, in place of this host")
    .option("--context <name>", "a context of that file (default: its current one)")
    .option("--of-others", "there: also what a run on another host made; be sure that it has ended")
    .option("--dry-run", "only tell what would be removed")
    .option("--json", 'one JSON document: {"items": [{"cluster", "action", "reason"}]}')
    .addHelpText(
      "after",
      `
Examples:
  plumbline gc --dry-run     what is there, and why it stays or goes
  plumbline gc --json
  plumbline gc --kubeconfig ./kubeconfig     objects of ours in that cluster, and what lies on its nodes

Exit codes: 0 done, 3 Docker does not answer, 5 something could not be removed.
To remove a cluster that is kept: plumbline down --name NAME`,
    )
    .action((flags: GcFlags) => gc(context, flags));
}

async function gc(context: CliContext, flags: GcFlags): Promise<void> {
  const report = await collect(context, flags);
  if (report.items.some(({ action }) => action === "failed")) context.exitCode = EXIT.cleanupFailed;
  if (flags.json) context.printJson(report);
  else if (report.items.length === 0)
    context.print(`nothing of Plumbline is ${flags.kubeconfig === undefined ? "on this host" : "in this cluster"}`);
  else
    context.print(
      textTable(
        report.items.map(({ cluster, action, reason }) => [cluster, context.paint(COLORS[action], action), reason]),
      ),
    );
}

async function collect(context: CliContext, flags: GcFlags): Promise<GcReport> {
  const options = { dryRun: flags.dryRun ?? false, progress: context.progress() };
  if (flags.kubeconfig === undefined) {
    const { collectGarbage } = await import("../cluster/collect-garbage.ts");
    return collectGarbage(options);
  }
  const { collectGuestGarbage } = await import("../cluster/collect-guest-garbage.ts");
  const kubeconfigPath = path.resolve(context.cwd, flags.kubeconfig);
  const place = { kubeconfigPath, context: flags.context, evenOfOthers: flags.ofOthers ?? false };
  return collectGuestGarbage(place, options);
}
