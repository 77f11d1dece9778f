#!/usr/bin/env node
import { Command, CommanderError } from "commander";
import { usageError } from "../core/errors.ts";
import { nearestName } from "../core/nearest-name.ts";
import { packageVersion } from "../core/package-root.ts";
import { EXIT } from "../core/status.ts";
import { systemError } from "../core/system-error.ts";
import { COMMANDS } from "./command-table.ts";
import { createContext, endWhenWritten, type CliContext, type GlobalOptions } from "./context.ts";
import { errorAsJson, exitCodeOf } from "./render-error.ts";
import { showError } from "./show-error.ts";

const AFTER_HELP = `
Examples:
  plumbline quickstart --yes             everything at once: look at the host, get images, run, report
  plumbline run --stack ptp-thick        the profile "quick" on a cluster of its own, which is removed at the end
  plumbline up --stack flannel-thick && plumbline run --reuse --stack flannel-thick --case ATT-003

Exit codes:
  0 nothing unexpected    1 failed, flaky or fixed    2 usage or configuration    3 the harness or the host
  4 nothing ran           5 clean-up failed           130, 143 interrupted

Read on: README.md (first steps), ARCHITECTURE.md (words, how it works), \`plumbline COMMAND --help\`.`;

/** Builds the program. `context` is called once, when the global options are known. */
function createProgram(context: (options: GlobalOptions) => CliContext): Command {
  const program = new Command("plumbline")
    .description(
      "Checks Multus CNI and the plugins under it against their specifications, on a kind cluster that it brings up for the purpose, and proves that teardown leaves nothing behind.",
    )
    .usage("COMMAND [options]")
    .version(packageVersion(), "--version", "print the version")
    .option("--config <file>", "configuration file (default: plumbline.yaml, if it is there)")
    .option("--verbose", "with errors: causes, facts and stacks")
    .option("-q, --quiet", "no progress")
    .option("--no-color", "no colours")
    .helpOption("-h, --help", "show this help")
    .helpCommand("help [command]", "show the help of a command")
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ outputError: () => undefined })
    .exitOverride()
    .addHelpText("after", AFTER_HELP);
  for (const { name, summary } of COMMANDS) program.command(name).summary(summary).description(summary);
  program.hook("preSubcommand", async (_program, command) => {
    const entry = COMMANDS.find(({ name }) => name === command.name());
    if (entry) (await entry.load())(command, context(program.opts<GlobalOptions>()));
  });
  return program;
}

async function main(argv: readonly string[]): Promise<number> {
  let context: CliContext | undefined;
  const program = createProgram((options) => (context ??= createContext(options)));
  if (argv[0] === "__complete") return printCandidates(argv.slice(1), program);
  try {
    if (argv.length === 0) throw noCommand(program);
    await program.parseAsync(withoutHelpCommand(argv), { from: "user" });
    return codeOf(context, context?.exitCode ?? EXIT.ok);
  } catch (thrown) {
    if (thrown instanceof CommanderError && thrown.exitCode === 0) return 0;
    const error = thrown instanceof CommanderError ? usageErrorOf(thrown) : (systemError(thrown) ?? thrown);
    report(error, { context: context ?? createContext(globalOptionsOf(argv)), json: argv.includes("--json") });
    return codeOf(context, exitCodeOf(error));
  }
}

/** An interrupt beats all: what came to an end after it may have been cut short. */
function codeOf(context: CliContext | undefined, exitCode: number): number {
  return context?.signal.aborted ? exitCodeOf(context.signal.reason) : exitCode;
}

/** For the scripts of `plumbline completion`; what goes wrong is no news to somebody who presses a key. */
async function printCandidates(words: readonly string[], program: Command): Promise<number> {
  try {
    const { complete } = await import("./complete.ts");
    const context = createContext({ quiet: true, color: false });
    for (const line of await complete(words, { program, context })) context.print(line);
  } catch {
    return EXIT.error;
  }
  return EXIT.ok;
}

function noCommand(program: Command): Error {
  program.outputHelp({ error: true });
  return usageError("PL_USAGE", "no command given");
}

function report(error: unknown, { context, json }: { readonly context: CliContext; readonly json: boolean }): void {
  if (json) {
    context.printJson(errorAsJson(error));
    return;
  }
  showError(error, context);
}

/** An error can come before the options are parsed, so those that shape its text are looked for by hand. */
function globalOptionsOf(argv: readonly string[]): GlobalOptions {
  return { verbose: argv.includes("--verbose"), color: !argv.includes("--no-color") };
}

/** `help up` as `up --help`: only the hook of a real call loads the file of the command. */
function withoutHelpCommand(argv: readonly string[]): readonly string[] {
  const [first, name] = argv;
  return first === "help" && name !== undefined ? [name, "--help"] : argv;
}

/** Commander's message starts with "error: " and ends with its suggestion in brackets, or with the choices. */
function usageErrorOf(error: CommanderError): Error {
  const [, message = error.message, suggestion] =
    /^(?:error: )?(.*?)(?:\s*\(Did you mean (.*)\?\))?$/s.exec(error.message) ?? [];
  const [, typed = "", choices = ""] = /value '(.*)' .*Allowed choices are (.*)\.$/s.exec(message) ?? [];
  const nearest = suggestion ?? nearestName(typed, choices.split(", "));
  return usageError("PL_USAGE", message, {
    hint: nearest ? `did you mean ${nearest}?` : "`plumbline --help` and `plumbline COMMAND --help` tell what there is",
  });
}

await endWhenWritten(await main(process.argv.slice(2)));
