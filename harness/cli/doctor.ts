import type { Command } from "commander";
import { EXIT } from "../core/status.ts";
import type { HostCheck } from "../host/host-report.ts";
import type { CliContext } from "./context.ts";
import { renderHostReport } from "./host-table.ts";

interface DoctorFlags {
  readonly yes?: boolean;
  readonly json?: boolean;
}

/** Declares `plumbline doctor`. */
export function declareDoctor(command: Command, context: CliContext): void {
  command
    .description(
      "Looks at this host: system, rights, Docker, what building images needs, and the kernel's drivers. For each thing that is missing it tells why it matters and the exact commands that put it right. Nothing is changed without --yes.",
    )
    .option("--yes", "do it: install packages, set sysctls, and start dockerd if none runs")
    .option("--json", "one JSON document: {ready, checks: [{id, state, seen, why, remedy}, ...]}")
    .addHelpText(
      "after",
      `
What is pulled from a registry or a mirror, and never built, is looked at last: images of Calico, Cilium and kindnet, and of
upstream's device plugin for VFs.

A warning (!) does not keep anything from running: cases for a driver that the kernel lacks are skipped, with that reason.
A Docker daemon that runs already is never reconfigured; what it lacks is told.

Examples:
  plumbline doctor
  plumbline doctor --yes
  plumbline doctor --json | jq -r '.checks[] | select(.state == "missing") | .remedy[]'`,
    )
    .action((flags: DoctorFlags) => doctor(context, flags));
}

async function doctor(context: CliContext, { yes, json }: DoctorFlags): Promise<void> {
  const { examineHost } = await import("../host/examine-host.ts");
  const { fixesOf, hostReport } = await import("../host/host-report.ts");
  const { signal } = context;
  let report = await examineHost({ signal });
  if (yes && (!report.ready || fixesOf(report).length > 0)) {
    if (!json) context.print(renderHostReport(report, context.paint));
    const { prepareHost } = await import("../host/prepare-host.ts");
    report = await prepareHost(report, { progress: context.progress(), signal });
  }
  report = hostReport([...report.checks, ...(await pulled(context))]);
  if (json) context.printJson(report);
  else context.print(renderHostReport(report, context.paint));
  if (!report.ready) context.exitCode = EXIT.error;
}

/** Looked at last: what was put right by then is asked for them. */
async function pulled({ configPath, signal }: CliContext): Promise<readonly HostCheck[]> {
  const { devicePluginCheck, networkChecks, vfPluginCheck } = await import("../images/network-checks.ts");
  const { loadConfig } = await import("../config/load-config.ts");
  const options = { mirror: loadConfig(configPath).images?.mirror, signal };
  return [...(await networkChecks(options)), await devicePluginCheck(options), await vfPluginCheck(options)];
}
