import path from "node:path";
import type { Command } from "commander";
import { EXIT } from "../core/status.ts";
import type { CliContext } from "./context.ts";

/** Declares `plumbline compare`. */
export function declareCompare(command: Command, context: CliContext): void {
  command
    .argument("<first>", "folder of the older run")
    .argument("<second>", "folder of the newer run")
    .description(
      "Tells what the second of two runs has that the first has not: new failures, new reasons, what was fixed, other changes, times beyond noise, subjects that differ.",
    )
    .option("--json", "the comparison as one JSON document on stdout")
    .addHelpText(
      "after",
      `
Examples:
  plumbline compare records/v4.2.4 records/v4.3.0
  plumbline compare plumbline-out/20261124T202856-1b1506 plumbline-out/latest --json

A case fails if it is failed or flaky. It fails for a new reason if an assertion, or an invariant that it answers for, does
not hold that did not fail before. A case whose revision differs judges otherwise than it did: it is set apart, and nothing
is concluded from it. Times are told of cases that passed in both runs and now take more than half and more than a second
longer or shorter, once the pace of the whole run is taken out (the median over such cases, where there are 10); with several
attempts (--repeat) no attempt of one run may reach into those of the other.

Exit codes: 0 nothing new fails, 1 new failures or new reasons, 2 a record is missing or broken, 3 nothing new fails, but cases
that gave an answer are errors now, or the second run stops before its end.
\`plumbline run --baseline FIRST\` runs and fails on the same, and on failing cases that were revised.`,
    )
    .action((first: string, second: string, flags: { readonly json?: boolean }) =>
      compare(context, [first, second], flags),
    );
}

async function compare(
  context: CliContext,
  records: readonly [string, string],
  flags: { readonly json?: boolean },
): Promise<void> {
  const { foldEvents } = await import("../results/model.ts");
  const { readRecord } = await import("../results/record-reader.ts");
  const { compareRuns, hasNewFailures, lostAnswers } = await import("../../reports/compare/compare-runs.ts");
  const { comparisonText } = await import("../../reports/compare/comparison-text.ts");
  const modelOf = (record: string) => foldEvents(readRecord(path.resolve(context.cwd, record)).events);
  const comparison = compareRuns(modelOf(records[0]), modelOf(records[1]));
  const isOpen = lostAnswers(comparison).length > 0 || !comparison.after.complete;
  if (hasNewFailures(comparison)) context.exitCode = EXIT.failed;
  else if (isOpen) context.exitCode = EXIT.error;
  if (flags.json) context.printJson(comparison);
  else context.print(comparisonText(comparison, context.paint).trimEnd());
}
