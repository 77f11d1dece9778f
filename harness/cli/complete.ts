import type { Argument, Command, Option } from "commander";
import { COMMANDS } from "./command-table.ts";
import { valuesOf, type Candidate } from "./completion-values.ts";
import type { CliContext } from "./context.ts";

/**
 * What could stand in place of the last word, one candidate a line: the word, a tab, what it is. `:files` and `:folders`
 * stand for what the shell itself completes best. For the scripts of fixtures/completion.
 * @param words those behind the name of the program; the last may be empty
 * @param program the program with its global options and commands, none of which is declared in full
 */
export async function complete(
  words: readonly string[],
  { program, context }: { readonly program: Command; readonly context: CliContext },
): Promise<readonly string[]> {
  const { before, current, isPart } = splitAtEqual(words);
  const { command, used } = await commandOf(before, { program, context });
  const options = [...command.options, ...(command === program ? [] : program.options)];
  const wanted = valueWanted(before, options);
  if (wanted) return lines(await ofOption(wanted), current);
  const [, name, value] = /^(--[\w-]+)=(.*)$/.exec(current) ?? [];
  const spelt = options.find(({ long }) => long !== undefined && long === name);
  if (spelt && value !== undefined) return lines(await ofOption(spelt), value, isPart ? "" : `${name}=`);
  if (current.startsWith("-")) return lines(ofOptions(options, before), current);
  const commands = command.commands.map((one) => ({ value: one.name(), about: one.summary() || one.description() }));
  if (commands.length > 0) return lines(commands, current);
  const argument =
    command.registeredArguments[used] ?? command.registeredArguments.findLast(({ variadic }) => variadic);
  return argument ? lines(await ofArgument(argument), current) : [];
}

/** bash parts words at `=`: `--stack = ptp` is then one, of which it wants the last part alone. */
function splitAtEqual(words: readonly string[]): { before: readonly string[]; current: string; isPart: boolean } {
  const [last = "", ...rest] = words.toReversed();
  const before = rest.toReversed();
  if (last === "=") return { before: before.slice(0, -1), current: `${before.at(-1)}=`, isPart: true };
  if (before.at(-1) === "=" && before.length > 1) {
    return { before: before.slice(0, -2), current: `${before.at(-2)}=${last}`, isPart: true };
  }
  return { before, current: last, isPart: false };
}

/** The innermost command that the words name, declared in full, and how many of its arguments stand already. */
async function commandOf(
  words: readonly string[],
  { program, context }: { readonly program: Command; readonly context: CliContext },
): Promise<{ command: Command; used: number }> {
  let command = program;
  let used = 0;
  for (const [i, word] of words.entries()) {
    if (word.startsWith("-") || valueWanted(words.slice(0, i), [...command.options, ...program.options])) continue;
    const next = command.commands.find((one) => one.name() === word);
    if (!next) {
      used++;
      continue;
    }
    if (command === program) (await COMMANDS.find(({ name }) => name === word)?.load())?.(next, context);
    command = next;
    used = 0;
  }
  return { command, used };
}

/** The option that ends the words and still wants its value. */
function valueWanted(words: readonly string[], options: readonly Option[]): Option | undefined {
  const last = words.at(-1);
  return options.find((option) => option.required && last !== undefined && [option.long, option.short].includes(last));
}

/** Those that may still be given: a switch that stands already would say nothing new. */
function ofOptions(options: readonly Option[], before: readonly string[]): readonly Candidate[] {
  const free = options.filter(({ long, hidden, required }) => !hidden && (required || !before.includes(long ?? "")));
  return free.flatMap(({ long, description }) => (long ? [{ value: long, about: description }] : []));
}

async function ofOption(option: Option): Promise<readonly Candidate[]> {
  return option.argChoices?.map((value) => ({ value })) ?? (await valuesOf(option.long ?? ""));
}

async function ofArgument(argument: Argument): Promise<readonly Candidate[]> {
  return argument.argChoices?.map((value) => ({ value })) ?? (await valuesOf(argument.name()));
}

/** @param prefix what the shell wants in front of each, since it takes it for part of the word */
function lines(candidates: readonly Candidate[], typed: string, prefix = ""): readonly string[] {
  // several ids in one value stand with commas between them
  const done = typed.slice(0, typed.lastIndexOf(",") + 1);
  const wanted = typed.slice(done.length).toLowerCase();
  return candidates
    .filter(({ value }) => value.startsWith(":") || value.toLowerCase().startsWith(wanted))
    .map(({ value, about }) => {
      if (value.startsWith(":")) return value;
      return `${prefix}${done}${value}${about ? `\t${about.replaceAll(/\s+/g, " ")}` : ""}`;
    });
}
