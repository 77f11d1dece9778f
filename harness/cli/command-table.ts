import type { Command } from "commander";
import type { CliContext } from "./context.ts";

/** Adds arguments, options, help and the action to a command that has its name and summary. */
export type DeclareCommand = (command: Command, context: CliContext) => void;

export interface CommandEntry {
  readonly name: string;
  /** One line for the overview. */
  readonly summary: string;
  /** Loads the file of the command: only when it is called or its help is asked for. */
  load(): Promise<DeclareCommand>;
}

/** Every command, in the order in which a new user meets them. */
export const COMMANDS: readonly CommandEntry[] = [];
