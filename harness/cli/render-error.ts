import { DeadlineError, messageOf, PlumblineError } from "../core/errors.ts";
import { EXIT } from "../core/status.ts";
import { Interrupted } from "./context.ts";
import type { Paint } from "./paint.ts";
import { wrapText } from "./wrap-text.ts";

export interface ErrorView {
  readonly verbose: boolean;
  readonly paint: Paint;
  readonly columns: number;
}

/** The exit code of the process for something that a command threw. */
export function exitCodeOf(thrown: unknown): number {
  const interrupted = interruptionIn(thrown);
  if (interrupted) return interrupted.exitCode;
  if (!(thrown instanceof PlumblineError)) return EXIT.error;
  if (thrown.code === "PL_CLEANUP") return EXIT.cleanupFailed;
  switch (thrown.kind) {
    case "usage":
      return EXIT.usage;
    case "subject":
      return EXIT.failed;
    case "host":
    case "harness":
      return EXIT.error;
  }
}

/** What people read of an error: message, code, what to do next; with `verbose` also facts, causes and stacks. */
export function renderError(thrown: unknown, view: ErrorView): string {
  const interrupted = interruptionIn(thrown);
  if (interrupted && !view.verbose) return `${view.paint("yellow", "interrupted")}: ${interrupted.message}`;
  const known = thrown instanceof PlumblineError;
  const title = view.paint("red", known ? "error" : "internal error");
  const code = known ? ` ${view.paint("dim", `[${thrown.code}]`)}` : "";
  const lines = [wrapText(`${title}: ${messageOf(thrown)}${code}`, { columns: view.columns, indent: "       " })];
  const hint = known
    ? thrown.hint
    : "this is a mistake in Plumbline itself: please report it with the output of the same command and --verbose";
  if (hint)
    lines.push(wrapText(`${view.paint("cyan", "hint")}:  ${hint}`, { columns: view.columns, indent: "       " }));
  // A hint is enough for what was mistyped.
  if (known && thrown.kind !== "usage") lines.push(view.paint("dim", `more:  plumbline explain ${thrown.code}`));
  if (view.verbose) lines.push(...details(thrown, view));
  return lines.join("\n");
}

/** The same for machines; stable keys. */
export function errorAsJson(thrown: unknown): object {
  const known = thrown instanceof PlumblineError ? thrown : undefined;
  return {
    error: {
      code: known?.code ?? (interruptionIn(thrown) ? "PL_INTERRUPTED" : "PL_INTERNAL"),
      kind: known?.kind ?? "harness",
      message: messageOf(thrown),
      hint: known?.hint ?? null,
      context: known?.context ?? {},
      exitCode: exitCodeOf(thrown),
    },
  };
}

function details(thrown: unknown, view: ErrorView): string[] {
  const lines: string[] = [];
  for (const [depth, error] of causeChain(thrown).entries()) {
    if (depth > 0) lines.push(view.paint("dim", `caused by: ${messageOf(error)}`));
    if (error instanceof DeadlineError)
      lines.push(view.paint("dim", `last seen: ${JSON.stringify(error.lastObservation)}`));
    if (error instanceof PlumblineError && Object.keys(error.context).length > 0) {
      lines.push(view.paint("dim", `context: ${JSON.stringify(error.context)}`));
    }
    if (error instanceof Error && error.stack) lines.push(view.paint("dim", stackOf(error.stack)));
  }
  return lines;
}

/** The error and its causes, outermost first; the members of an aggregate follow it. */
function causeChain(thrown: unknown): unknown[] {
  const chain: unknown[] = [];
  const queue: unknown[] = [thrown];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    if (chain.includes(next)) continue;
    chain.push(next);
    if (next instanceof AggregateError) queue.push(...next.errors);
    if (next instanceof Error) queue.push(next.cause);
  }
  return chain;
}

function interruptionIn(thrown: unknown): Interrupted | undefined {
  return causeChain(thrown).find((error): error is Interrupted => error instanceof Interrupted);
}

function stackOf(stack: string): string {
  return stack
    .split("\n")
    .filter((line) => /^\s+at /.test(line))
    .join("\n");
}
