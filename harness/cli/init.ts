import { writeFileSync } from "node:fs";
import path from "node:path";
import type { Command } from "commander";
import { messageOf, usageError } from "../core/errors.ts";
import { packageFile } from "../core/package-root.ts";
import type { CliContext } from "./context.ts";

interface InitFlags {
  readonly stack: string;
  readonly profile?: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

/** Declares `plumbline init`. */
export function declareInit(command: Command, context: CliContext): void {
  command
    .description(
      "Writes a plumbline.yaml into this folder that has every setting, each with what it does and its default, and names the schema by which editors complete it. It asks nothing and runs nothing.",
    )
    .option("--stack <name>", "what is installed on the cluster", "ptp-thick")
    .option("--profile <name>", "which cases are run (default: said when they are run, as a rule quick)")
    .option("--force", "write it in place of one that is there")
    .option("--json", 'one JSON document: {"file", "stack", "profile"}, null where a run decides')
    .addHelpText(
      "after",
      `
Examples:
  plumbline init
  plumbline init --stack flannel-thick --profile NPWG
  plumbline init --config nightly.yaml --profile full     another file; \`plumbline run --config nightly.yaml\` takes it

\`plumbline list stacks\` and \`plumbline list profiles\` show the names. The command line wins over the file.`,
    )
    .action((flags: InitFlags) => init(context, flags));
}

async function init(context: CliContext, flags: InitFlags): Promise<void> {
  const { loadProfiles, profileNamed } = await import("../plan/profiles.ts");
  const { stackNamed } = await import("../stack/stack.ts");
  const { configTemplate } = await import("../config/config-template.ts");
  const profile = flags.profile === undefined ? undefined : profileNamed(flags.profile, loadProfiles()).name;
  const chosen = { stack: stackNamed(flags.stack).name, profile };
  const file = context.configPath ?? "plumbline.yaml";
  const target = path.resolve(context.cwd, file);
  const text = configTemplate({ ...chosen, schema: schemaFor(path.dirname(target)) });
  write(target, { text, shown: file, force: flags.force ?? false });
  if (flags.json) context.printJson({ file: target, ...chosen, profile: profile ?? null });
  else context.print(nextSteps(file, context.configPath === undefined ? "" : ` --config ${file}`));
}

/** Where an editor finds the schema: relative for a package in the project, so that it holds for everybody's checkout. */
function schemaFor(dir: string): string {
  const schema = packageFile("schemas", "plumbline.schema.json");
  const relative = path.relative(dir, schema).replaceAll(path.sep, "/");
  return relative.startsWith("../") || path.isAbsolute(relative) ? schema : `./${relative}`;
}

function write(target: string, { text, shown, force }: { text: string; shown: string; force: boolean }): void {
  try {
    writeFileSync(target, text, { flag: force ? "w" : "wx" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") {
      throw usageError("PL_CONFIG_EXISTS", `${shown} is there already and was left as it is`, {
        hint: "`--force` writes a new one in its place, `--config OTHER.yaml` another one",
        cause: error,
      });
    }
    throw usageError("PL_CONFIG_FILE", `${shown} cannot be written: ${messageOf(error)}`, { cause: error });
  }
}

function nextSteps(file: string, option: string): string {
  return `wrote ${file}

next:
  plumbline doctor${" ".repeat(option.length)}       is everything here that a run needs?
  plumbline run${option}          the cases, on a cluster that is removed at the end
  plumbline up${option}           the cluster alone, to look at; \`plumbline run --reuse${option}\` takes it`;
}
