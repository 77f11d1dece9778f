import type { Command } from "commander";
import { usageError } from "../core/errors.ts";
import { nearestName } from "../core/nearest-name.ts";
import type { CliContext } from "./context.ts";
import type { Explanation } from "./explanations.ts";
import { textTable } from "./text-table.ts";

/** Declares `plumbline explain`. */
export function declareExplain(command: Command, context: CliContext): void {
  command
    .description(
      "Tells what a code means, what usually causes it and what to do: of an error (PL_...), of a skip (SKIP_...), of the process (an exit code). For a case or a clause it tells what is required, how it is observed and what a failure usually means.",
    )
    .argument("[what]", "a code, an exit code, the id of a case or of a clause (default: all codes, short)")
    .option("--json", "one JSON document")
    .addHelpText(
      "after",
      `
Examples:
  plumbline explain PL_POD_NOT_READY     the code stands in brackets behind the message
  plumbline explain SKIP_FEATURE
  plumbline explain 3                    an exit code
  plumbline explain TD-001               a case

All codes on one page: docs/errors.md; all cases: docs/cases.`,
    )
    .action((what: string | undefined, flags: { readonly json?: boolean }) => explain(context, what, flags));
}

async function explain(
  context: CliContext,
  what: string | undefined,
  { json }: { readonly json?: boolean },
): Promise<void> {
  const { explanations } = await import("./explanations.ts");
  const all = explanations();
  if (what === undefined) {
    const codes = [...all.values()].filter(({ isCode }) => isCode);
    if (json) context.printJson({ explanations: codes.map(({ data }) => data) });
    else context.print(textTable(codes.map(({ name, title }) => [name, title])));
    return;
  }
  const found = named(what, all);
  if (json) context.printJson(found.data);
  else context.print(found.text({ paint: context.paint, columns: Math.min(context.stdout.columns ?? 100, 100) }));
}

function named(what: string, all: ReadonlyMap<string, Explanation>): Explanation {
  // as it is copied: in brackets, in any letter case
  const typed = what.replaceAll(/^\[|\]$/g, "");
  const found = [...all.values()].find(({ name }) => name.toLowerCase() === typed.toLowerCase());
  if (found) return found;
  const nearest = nearestName(typed, all.keys());
  throw usageError("PL_UNEXPLAINED", `nothing is called ${JSON.stringify(what)}`, {
    hint: nearest
      ? `did you mean ${nearest}?`
      : "`plumbline explain` lists all codes, `plumbline list cases` the cases",
  });
}
