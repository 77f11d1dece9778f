import { silentProgress, type Progress } from "../core/ports.ts";
import { EXIT } from "../core/status.ts";
import { createPaint, type Paint } from "./paint.ts";
import { TerminalProgress } from "./terminal-progress.ts";

/** What the user asked for in front of, or behind, the name of any command. */
export interface GlobalOptions {
  readonly verbose?: boolean;
  readonly quiet?: boolean;
  /** False after `--no-color`. */
  readonly color?: boolean;
  /** Path of the configuration file. */
  readonly config?: string;
}

/** Signals after which a command cleans up and ends. */
type EndSignal = "SIGINT" | "SIGTERM" | "SIGHUP";

const REASONS: Readonly<Record<EndSignal, string>> = {
  SIGINT: "interrupted by Ctrl-C",
  SIGTERM: "asked to end by SIGTERM",
  SIGHUP: "the terminal was closed",
};

/** Why a run ends early; the reason of `CliContext.signal`. */
export class Interrupted extends Error {
  readonly signalName: EndSignal;
  readonly exitCode: number;

  constructor(signalName: EndSignal) {
    super(REASONS[signalName]);
    this.name = "Interrupted";
    this.signalName = signalName;
    this.exitCode = signalName === "SIGINT" ? EXIT.interrupted : EXIT.terminated;
  }
}

/** All that a command may know of the world outside; nothing else in the tree touches `process`. */
export interface CliContext {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Whether somebody watches: stderr is a terminal and CI is not set. */
  readonly isTty: boolean;
  /** Colours for stdout; plain text where nobody sees colours. */
  readonly paint: Paint;
  /** The same for stderr. */
  readonly errorPaint: Paint;
  readonly verbose: boolean;
  readonly quiet: boolean;
  /** `--config FILE`, as given. */
  readonly configPath: string | undefined;
  /** Aborted by the first SIGINT, SIGTERM or SIGHUP, with an `Interrupted` as reason. The second one ends the process at once. */
  readonly signal: AbortSignal;
  /** What the process will end with; a command sets it when it is not 0. */
  exitCode: number;
  /** Text for the user, on stdout, with a line end. */
  print(text: string): void;
  /** One JSON document on stdout. */
  printJson(value: unknown): void;
  /** Where work reports; one object a process, on stderr. */
  progress(): Progress;
}

/** The real context of this process. Call once: it takes over SIGINT and SIGTERM. */
export function createContext(options: GlobalOptions): CliContext {
  const { stdout, stderr, env } = process;
  const errorPaint = createPaint(wantsColor(stderr, options));
  const watched = stderr.isTTY && !env["CI"];
  let progress: Progress | undefined;
  const tell = (line: string): void => {
    if (progress) progress.note(line);
    else stderr.write(`${line}\n`);
  };
  return {
    stdout,
    stderr,
    env,
    cwd: process.cwd(),
    isTty: watched,
    paint: createPaint(wantsColor(stdout, options)),
    errorPaint,
    verbose: options.verbose ?? false,
    quiet: options.quiet ?? false,
    configPath: options.config,
    signal: signalOfProcess(tell),
    exitCode: EXIT.ok,
    print: (text) => void stdout.write(`${text}\n`),
    printJson: (value) => void stdout.write(`${JSON.stringify(value, undefined, 2)}\n`),
    progress() {
      progress ??= options.quiet
        ? silentProgress
        : new TerminalProgress({ stream: stderr, live: watched, paint: errorPaint });
      return progress;
    },
  };
}

/** Whether colours are wanted on `stream`: the option, then NO_COLOR and FORCE_COLOR, then whether it is a terminal. */
function wantsColor(stream: { readonly isTTY?: boolean }, options: GlobalOptions): boolean {
  if (options.color === false) return false;
  if (process.env["NO_COLOR"]) return false;
  if (process.env["FORCE_COLOR"]) return process.env["FORCE_COLOR"] !== "0";
  return stream.isTTY ?? false;
}

/** Ends the process when its output has arrived: what a pipe cannot hold waits in the process until the reader reads. */
export async function endWhenWritten(exitCode: number): Promise<never> {
  const streams = [process.stdout, process.stderr];
  await Promise.all(streams.map((stream) => new Promise<void>((resolve) => void stream.write("", () => resolve()))));
  return endProcess(exitCode);
}

/** Ends the process at once. */
export function endProcess(exitCode: number): never {
  process.exit(exitCode);
}

function signalOfProcess(tell: (line: string) => void): AbortSignal {
  const controller = new AbortController();
  const onSignal = (name: EndSignal): void => {
    const reason = new Interrupted(name);
    if (controller.signal.aborted) endProcess(reason.exitCode);
    tell(`${reason.message}: cleaning up (once more ends at once and leaves what is up)`);
    controller.abort(reason);
  };
  process.on("SIGINT", () => onSignal("SIGINT"));
  process.on("SIGTERM", () => onSignal("SIGTERM"));
  process.on("SIGHUP", () => onSignal("SIGHUP"));
  // The reader of a pipe may leave early, as in `plumbline list | head`, or the terminal be closed. What is under way is
  // ended all the same, since a cluster must not be left for want of a listener.
  for (const stream of [process.stdout, process.stderr])
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE" && error.code !== "EIO") throw error;
    });
  return controller.signal;
}
