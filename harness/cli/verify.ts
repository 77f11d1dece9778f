import path from "node:path";
import type { Command } from "commander";
import type { Verification } from "../../reports/verify/verify-record.ts";
import { casesText, countsText } from "../results/counts.ts";
import { EXIT } from "../core/status.ts";
import type { CliContext } from "./context.ts";

/** Declares `plumbline verify`. */
export function declareVerify(command: Command, context: CliContext): void {
  command
    .argument("<record>", "folder of a run, e.g. plumbline-out/latest")
    .description(
      "Holds the files of a run against each other: events and evidence against the digests in conformance.json, verdicts, counts and exit code against the events they follow from, and every report against what the record gives.",
    )
    .option("--json", 'one JSON document: {"record", "runId", "holds", "discrepancies": [{"file", "what"}], "notes"}')
    .addHelpText(
      "after",
      `
Examples:
  plumbline verify plumbline-out/latest
  plumbline verify downloads/20261124T202856-1b1506 --json

It finds what was damaged or edited in one place: any changed byte of a report, of the events or of the evidence. It is no
signature: whoever edits the events, makes all reports anew and counts the digests again leaves a record that holds. Keep
the digest of conformance.json elsewhere, or sign it, where that matters. Reports made by another version of Plumbline may
look otherwise: \`plumbline report\` makes them again.

Exit codes: 0 all holds, 1 something does not, 2 there is no record.`,
    )
    .action((record: string, flags: { readonly json?: boolean }) => verify(context, record, flags));
}

async function verify(context: CliContext, record: string, flags: { readonly json?: boolean }): Promise<void> {
  const { verifyRecord } = await import("../../reports/verify/verify-record.ts");
  const verification = await verifyRecord(path.resolve(context.cwd, record));
  const { source, discrepancies, notes, reports } = verification;
  const holds = discrepancies.length === 0;
  if (!holds) context.exitCode = EXIT.failed;
  if (flags.json) {
    context.printJson({ record, runId: source?.model.started.runId ?? null, holds, discrepancies, notes, reports });
    return;
  }
  context.print(textOf(context, record, verification).join("\n"));
}

function textOf(
  { paint }: CliContext,
  record: string,
  { source, discrepancies, notes, reports, evidenceFiles }: Verification,
): readonly string[] {
  const places = `${discrepancies.length} thing${discrepancies.length === 1 ? "" : "s"}`;
  const title =
    discrepancies.length === 0
      ? paint("green", `${record} holds`)
      : paint("red", `${record} does not hold: ${places}, not as the record gives`);
  return [
    title,
    ...(source ? [`  cases     ${casesText(source.model.cases.length)}: ${countsText(source.model.counts)}`] : []),
    `  evidence  ${evidenceFiles} file${evidenceFiles === 1 ? "" : "s"}`,
    `  reports   ${reports.join(", ") || "none"}`,
    ...discrepancies.map(({ file, what }) => `${paint("red", "differs")}  ${file}: ${what}`),
    ...notes.map((note) => paint("dim", `note     ${note}`)),
  ];
}
