import { execa, type Options } from "execa";
import { PlumblineError, type ErrorKind } from "../core/errors.ts";

export interface RunOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  readonly stdin?: string | Uint8Array | undefined;
  readonly cwd?: string;
  /** Added to the environment of this process; `undefined` removes a name. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Each line of stdout and stderr as it comes, for progress. */
  readonly onLine?: (line: string) => void;
  /** The process group, as soon as it exists: for callers who must be able to end it from another process. */
  readonly onSpawn?: (processGroup: number) => void;
  /** Exit codes that are an answer and not a failure. Default: only 0. */
  readonly okExitCodes?: readonly number[] | "any";
  readonly maxBufferBytes?: number;
  /** Whose fault a failure is. Default: host. */
  readonly kind?: ErrorKind;
  readonly code?: string;
  readonly hint?: string;
}

export interface Finished {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly durationMs: number;
}

/** Groups that end with this process. One listener for all, since Node warns of many. */
const running = new Set<() => void>();
process.once("exit", () => {
  for (const kill of running) kill();
});

/**
 * Runs a program in a process group of its own and waits for it. On timeout or abort the whole group is killed, since a
 * child that keeps the pipe open would otherwise hold the wait far past its bound.
 * @throws PlumblineError PL_COMMAND (or `code`) with command, exit code and the end of its output
 * @throws the signal's reason if aborted
 */
export async function run(file: string, args: readonly string[], options: RunOptions): Promise<Finished> {
  options.signal?.throwIfAborted();
  const child = execa(file, [...args], childOptions(options));
  const killGroup = (): void => killProcessGroup(child.pid);
  if (child.pid !== undefined) options.onSpawn?.(child.pid);
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    killGroup();
  }, options.timeoutMs);
  options.signal?.addEventListener("abort", killGroup, { once: true });
  running.add(killGroup);
  const lines = options.onLine ? readLines(child.iterable({ from: "all" }), options.onLine) : undefined;
  const result = await child;
  await lines;
  clearTimeout(timer);
  options.signal?.removeEventListener("abort", killGroup);
  running.delete(killGroup);
  options.signal?.throwIfAborted();

  const exitCode = result.exitCode ?? -1;
  const accepted = options.okExitCodes ?? [0];
  if (!timedOut && exitCode >= 0 && (accepted === "any" || accepted.includes(exitCode))) {
    return { exitCode, stdout: text(result.stdout), stderr: text(result.stderr), durationMs: result.durationMs };
  }
  throw commandError({ file, args, options, result: outcomeOf(result, timedOut) });
}

/** Ends a process group that `run` or a detached start made; harmless if it has ended. */
export function killProcessGroup(pid: number | undefined, signal: NodeJS.Signals = "SIGKILL"): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // ESRCH: it has ended by itself
  }
}

/** Whether a program can be found in PATH. */
export async function hasProgram(name: string): Promise<boolean> {
  const found = await run("sh", ["-c", 'command -v "$1"', "sh", name], { timeoutMs: 5_000, okExitCodes: "any" });
  return found.exitCode === 0;
}

function childOptions(options: RunOptions) {
  return {
    reject: false,
    detached: true,
    all: true,
    maxBuffer: options.maxBufferBytes ?? 64 * 1024 * 1024,
    stripFinalNewline: false,
    ...(options.stdin === undefined ? { stdin: "ignore" } : { input: options.stdin }),
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.env ? { env: options.env } : {}),
  } as const satisfies Options;
}

async function readLines(child: AsyncIterable<string>, onLine: (line: string) => void): Promise<void> {
  try {
    for await (const line of child) onLine(line);
  } catch {
    // the failure is reported from the result, with the exit code
  }
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

interface Outcome {
  readonly file: string;
  readonly args: readonly string[];
  readonly options: Pick<RunOptions, "timeoutMs" | "code" | "kind" | "hint">;
  readonly result: {
    readonly exitCode: number | undefined;
    readonly stdout: string;
    readonly stderr: string;
    /** What ended it, if there is no exit code. */
    readonly endedBy: string;
    readonly cause: unknown;
    readonly timedOut: boolean;
  };
}

interface ExecaResult {
  readonly exitCode?: number | undefined;
  readonly signal?: string | undefined;
  readonly originalMessage?: string | undefined;
  readonly stdout?: unknown;
  readonly stderr?: unknown;
  readonly cause?: unknown;
}

function outcomeOf(result: ExecaResult, timedOut: boolean): Outcome["result"] {
  return {
    exitCode: result.exitCode,
    stdout: text(result.stdout),
    stderr: text(result.stderr),
    endedBy: result.signal ?? result.originalMessage ?? "an unknown cause",
    cause: result.cause,
    timedOut,
  };
}

/** The error of a command that did not end as it should: the command, what became of it, the end of its output. */
export function commandError({ file, args, options, result }: Outcome): PlumblineError {
  const { exitCode, cause } = result;
  const command = [file, ...args].map((a) => (/^[\w@%+=:,./-]+$/.test(a) ? a : JSON.stringify(a))).join(" ");
  const shown = command.length > 300 ? `${command.slice(0, 300)}...` : command;
  const output = `${result.stderr}\n${result.stdout}`.trim().split("\n").slice(-12).join("\n").slice(-2_000);
  const notFound = cause instanceof Error && (cause as NodeJS.ErrnoException).code === "ENOENT";
  const why = result.timedOut
    ? `was killed after ${options.timeoutMs / 1000} s`
    : notFound
      ? "cannot be started: no such program"
      : exitCode === undefined
        ? `ended by ${result.endedBy}`
        : `exited with ${exitCode}`;
  return new PlumblineError({
    code: options.code ?? "PL_COMMAND",
    kind: options.kind ?? "host",
    message: `\`${shown}\` ${why}${output ? `: ${output}` : ""}`,
    hint: options.hint,
    cause,
    context: { command, exitCode: exitCode ?? null, timedOut: result.timedOut },
  });
}
