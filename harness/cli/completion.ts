import { readFileSync } from "node:fs";
import { Argument, type Command } from "commander";
import { packageFile } from "../core/package-root.ts";
import type { CliContext } from "./context.ts";

const SHELLS = ["bash", "zsh", "fish"] as const;
type Shell = (typeof SHELLS)[number];

/** Declares `plumbline completion`. */
export function declareCompletion(command: Command, context: CliContext): void {
  command
    .description(
      "Prints a script by which a shell completes commands, options, and the names of stacks, profiles, cases, faults, features, clusters and codes. The script asks `plumbline` itself, so it need not be made anew for another version.",
    )
    .addArgument(new Argument("<shell>", "the shell that is to complete").choices(SHELLS))
    .addHelpText(
      "after",
      `
Examples:
  plumbline completion bash > /etc/bash_completion.d/plumbline
  plumbline completion zsh > "\${fpath[1]}/_plumbline"
  plumbline completion fish > ~/.config/fish/completions/plumbline.fish
  source <(plumbline completion bash)              this shell alone

It is for the installed command: \`npm run plumbline --\` in a checkout is not completed.`,
    )
    .action((shell: Shell) =>
      context.print(readFileSync(packageFile("fixtures", "completion", shell), "utf8").trimEnd()),
    );
}
