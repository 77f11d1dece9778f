import type { Command } from "commander";
import { hostError } from "../core/errors.ts";
import type { CliContext } from "./context.ts";
import { renderHostReport } from "./host-table.ts";
import { runAndReport } from "./run.ts";
import { addRunOptions, type RunFlags } from "./run-options.ts";

/** Declares `plumbline quickstart`. */
export function declareQuickstart(command: Command, context: CliContext): void {
  addRunOptions(command)
    .description(
      "Everything at once: looks at the host, gets the images, brings up a cluster, runs the cases (of the profile quick, unless others are chosen), writes the reports and says where they are.",
    )
    .option("--yes", "install and start what is missing without asking (also with CI=true)")
    .addHelpText(
      "after",
      `
Without --yes nothing of the host is changed: what is missing is listed with the exact commands.
The first time, on a host without an image registry, images are built from source: 15 to 25 minutes on 2 cores, once.

Examples:
  plumbline quickstart --yes
  plumbline quickstart --stack flannel-thick --keep`,
    )
    .action((flags: RunFlags & { readonly yes?: boolean }) => quickstart(context, flags));
}

async function quickstart(context: CliContext, flags: RunFlags & { readonly yes?: boolean }): Promise<void> {
  const { yes, ...runFlags } = flags;
  const consent = yes === true || context.env["CI"] === "true";
  await readyHost(context, consent);
  const outcome = await runAndReport(context, runFlags, process.argv.slice(2));
  const cluster = runFlags.keep || runFlags.reuse ? "The cluster stands; `plumbline down` removes it." : "";
  context.print(`\nThe record and the reports are in ${outcome.recordDir}\n${cluster}`.trimEnd());
}

/** Looks at the host and, with consent, puts right what is missing. @throws PlumblineError PL_HOST_NOT_READY (host) */
async function readyHost(context: CliContext, consent: boolean): Promise<void> {
  const { examineHost } = await import("../host/examine-host.ts");
  const { fixesOf, remedies } = await import("../host/host-report.ts");
  const progress = context.progress();
  let report = await examineHost({ signal: context.signal });
  context.print(renderHostReport(report, context.paint));
  if (consent && (!report.ready || fixesOf(report).length > 0)) {
    const { prepareHost } = await import("../host/prepare-host.ts");
    report = await prepareHost(report, { progress, signal: context.signal });
    context.print(renderHostReport(report, context.paint));
  }
  if (report.ready) return;
  const missing = report.checks.filter((check) => check.state === "missing").map((check) => check.title);
  const commands = remedies(report).map((line) => `  ${line}`);
  throw hostError("PL_HOST_NOT_READY", `this host lacks: ${missing.join(", ")}`, {
    hint: consent
      ? `these commands are left to you:\n${commands.join("\n")}`
      : `run these commands, or let \`plumbline quickstart --yes\` do it:\n${commands.join("\n")}`,
  });
}
