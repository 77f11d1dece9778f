import { existsSync } from "node:fs";
import path from "node:path";
import { Argument, type Command } from "commander";
import { loadConfig } from "../config/load-config.ts";
import type { CliContext } from "./context.ts";
import { LIST_NAMES, LISTINGS, type Listing, type ListName } from "./listings.ts";
import { textTable } from "./text-table.ts";

const TITLES: Readonly<Record<ListName, string>> = {
  stacks: "Stacks (`--stack`): what is installed on the cluster",
  profiles: "Profiles (`--profile`): which cases are run",
  cases: "Cases (`--case`)",
  faults: "Faults: planted to prove that cases notice them",
  clusters: "Clusters of Plumbline (`plumbline list clusters` tells their state)",
};

/** Declares `plumbline list`. */
export function declareList(command: Command, context: CliContext): void {
  command
    .description("Lists what there is: stacks, profiles, cases, faults, and the clusters that are up.")
    .addArgument(new Argument("[what]", "one kind in full (default: all, short)").choices(LIST_NAMES))
    .option("--json", 'one JSON document: {"cases": [...], ...}')
    .addHelpText(
      "after",
      `
Examples:
  plumbline list                       everything, short
  plumbline list cases                 each case with its layer, title and clauses
  plumbline list cases --json | jq -r '.cases[].id'`,
    )
    .action((what: ListName | undefined, options: { readonly json?: boolean }) => list(context, what, options));
}

/** Without a configuration there are none, and no schema is loaded to tell. */
function ownSuites({ cwd, configPath }: CliContext): readonly string[] {
  if (configPath === undefined && !existsSync(path.join(cwd, "plumbline.yaml"))) return [];
  return loadConfig(configPath).suites;
}

async function list(
  context: CliContext,
  what: ListName | undefined,
  { json }: { readonly json?: boolean },
): Promise<void> {
  const names = what ? [what] : LIST_NAMES;
  const inFull = what !== undefined || json === true;
  const listings = new Map<ListName, Listing>();
  const suites = names.includes("cases") ? ownSuites(context) : [];
  for (const name of names) listings.set(name, await LISTINGS[name](inFull, suites));
  if (json) {
    context.printJson(Object.fromEntries([...listings].map(([name, { data }]) => [name, data])));
    return;
  }
  const blocks = [...listings].map(([name, { rows, short }]) => {
    const shown = what ? rows : (short ?? rows);
    return `${context.paint("bold", TITLES[name])}\n${shown.length === 0 ? "  none" : textTable(shown, "  ")}`;
  });
  context.print(blocks.join("\n\n"));
}
