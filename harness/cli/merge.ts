import path from "node:path";
import type { Command } from "commander";
import { EXIT } from "../core/status.ts";
import type { CliContext } from "./context.ts";
import { errorAsJson, exitCodeOf } from "./render-error.ts";
import { showMatrix } from "./matrix-tables.ts";

/** Declares `plumbline merge`. */
export function declareMerge(command: Command, context: CliContext): void {
  command
    .argument("<record...>", "records of the cells, or folders with records below them, e.g. records/")
    .description(
      "Puts the records of a matrix together, from wherever its parts ran, and makes the compatibility table: one HTML page, Markdown and JSON, from the records alone.",
    )
    .option("--out <dir>", "folder in which `matrix/` with the tables is written (default: here)", ".")
    .option("--json", "the table as one JSON document on stdout")
    .addHelpText(
      "after",
      `
Examples:
  plumbline merge plumbline-out
  plumbline merge downloads/shard-1 downloads/shard-2 --out site

Each record holds a digest of its plan: records of different plans are refused. A record that is cut off counts up to there,
and a cell without a record is shown as one without an answer.

Exit codes: 0 all cells passed, 1 a case failed in some cell, 2 a record is missing, broken or of another plan, 3 a cell broke
or has no answer.`,
    )
    .action((records: readonly string[], flags: { readonly out: string; readonly json?: boolean }) =>
      merge(context, records, flags),
    );
}

async function merge(
  context: CliContext,
  records: readonly string[],
  { out, json = false }: { readonly out: string; readonly json?: boolean },
): Promise<void> {
  const { matrixExit } = await import("../results/matrix-outcome.ts");
  const { matrix, errors, files, table } = await showMatrix(context, records, { out, print: !json });
  const broken = errors.map(exitCodeOf);
  context.exitCode = broken.length === 0 ? matrixExit(matrix) : EXIT.usage;
  if (!json) return;
  const shown = files.map((file) => path.relative(context.cwd, file));
  context.printJson({ ...table, files: shown, errors: errors.map((error) => errorAsJson(error)) });
}
