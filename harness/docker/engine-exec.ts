import type { Duplex } from "node:stream";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import type Dockerode from "dockerode";
import { messageOf } from "../core/errors.ts";
import { lineSession, type LineSession } from "../process/line-session.ts";
import { commandError, type Finished, type RunOptions } from "../process/run.ts";

export type EngineExecOptions = Pick<
  RunOptions,
  "timeoutMs" | "signal" | "stdin" | "okExitCodes" | "kind" | "code" | "hint"
>;

/** Sockets of Docker, by path. Loading the client takes a third of a second, so it is done once and when needed. */
const engines = new Map<string, Promise<Dockerode>>();

/** Loads the client of a Docker socket, while something else takes its time. */
export function openEngine(socketPath: string): Promise<Dockerode> {
  const known = engines.get(socketPath);
  if (known) return known;
  const made = import("dockerode").then(({ default: Docker }) => new Docker({ socketPath }));
  engines.set(socketPath, made);
  return made;
}

/**
 * Runs a program in a container, as `docker exec` does, and without the client's own start, which takes as long as the
 * rest together. On timeout or abort the connection is closed; what was started may run on, as with the client.
 * @throws PlumblineError PL_COMMAND (or `code`) with command, exit code and the end of its output
 * @throws the signal's reason if aborted
 * @source Docker Engine API v1.41, Exec
 */
export async function execByEngine(
  target: { readonly socketPath: string; readonly container: string },
  argv: readonly string[],
  options: EngineExecOptions,
): Promise<Finished> {
  const { timeoutMs, signal, okExitCodes = [0] } = options;
  signal?.throwIfAborted();
  const beganMs = performance.now();
  const bound = AbortSignal.timeout(Math.ceil(timeoutMs));
  const either = signal ? AbortSignal.any([signal, bound]) : bound;
  const seen = { stdout: "", stderr: "" };
  const fail = (exitCode: number | undefined, cause?: unknown): Error =>
    commandError({
      file: "docker",
      args: ["exec", target.container, ...argv],
      options,
      result: {
        exitCode,
        ...seen,
        endedBy: cause === undefined ? "an unknown cause" : messageOf(cause),
        cause,
        timedOut: bound.aborted,
      },
    });
  let exitCode: number;
  try {
    exitCode = await conversation(await openEngine(target.socketPath), {
      container: target.container,
      argv,
      stdin: options.stdin,
      signal: either,
      seen,
    });
  } catch (error) {
    signal?.throwIfAborted();
    throw fail(undefined, error);
  }
  if (okExitCodes !== "any" && !okExitCodes.includes(exitCode)) throw fail(exitCode);
  return { exitCode, ...seen, durationMs: performance.now() - beganMs };
}

/**
 * Starts a program in a container that answers line by line. Its end is the end of the connection; one that is killed
 * loses its connection and may run on until it reads the end of its input.
 */
export async function openByEngine(
  target: { readonly socketPath: string; readonly container: string },
  argv: readonly string[],
): Promise<LineSession> {
  const engine = await openEngine(target.socketPath);
  const exec = await engine.getContainer(target.container).exec({
    Cmd: [...argv],
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
  });
  const stream = await exec.start({ hijack: true, stdin: true });
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  demux(engine, stream, { stdout, stderr });
  return lineSession({
    what: ["docker", "exec", target.container, ...argv].join(" "),
    stdin: stream,
    stdout,
    ended: text(stderr),
    kill: () => stream.destroy(),
  });
}

interface Conversation {
  readonly container: string;
  readonly argv: readonly string[];
  readonly stdin: string | Uint8Array | undefined;
  readonly signal: AbortSignal;
  /** Filled with what the program wrote. */
  readonly seen: { stdout: string; stderr: string };
}

async function conversation(engine: Dockerode, talk: Conversation): Promise<number> {
  const { signal: abortSignal, seen } = talk;
  const withStdin = talk.stdin !== undefined;
  const exec = await engine.getContainer(talk.container).exec({
    Cmd: [...talk.argv],
    AttachStdin: withStdin,
    AttachStdout: true,
    AttachStderr: true,
    abortSignal,
  });
  // Hijacked only for standard input: a connection of its own, which can be closed in one direction.
  const stream = await exec.start({ hijack: withStdin, stdin: withStdin, abortSignal });
  const outputs = readOutputs(engine, stream, abortSignal);
  if (withStdin) stream.end(talk.stdin);
  Object.assign(seen, await outputs);
  const { ExitCode, Running } = await exec.inspect({ abortSignal });
  if (Running || ExitCode === null) throw new Error("the connection ended before the program did");
  return ExitCode;
}

/** Takes the two outputs out of the one stream that Docker sends. */
async function readOutputs(
  engine: Dockerode,
  stream: Duplex,
  signal: AbortSignal,
): Promise<{ stdout: string; stderr: string }> {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const abort = (): void => {
    stream.destroy();
    endAll({ stdout, stderr }, signal.reason instanceof Error ? signal.reason : new Error("aborted"));
  };
  demux(engine, stream, { stdout, stderr });
  signal.addEventListener("abort", abort, { once: true });
  if (signal.aborted) abort();
  try {
    const [out, err] = await Promise.all([text(stdout), text(stderr)]);
    return { stdout: out, stderr: err };
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

interface Outputs {
  readonly stdout: PassThrough;
  readonly stderr: PassThrough;
}

function demux(engine: Dockerode, stream: Duplex, outputs: Outputs): void {
  const { stdout, stderr } = outputs;
  (engine.modem as { demuxStream(from: Duplex, out: PassThrough, err: PassThrough): void }).demuxStream(
    stream,
    stdout,
    stderr,
  );
  stream.once("end", () => endAll(outputs));
  stream.once("close", () => endAll(outputs));
  stream.once("error", (error: Error) => endAll(outputs, error));
}

function endAll({ stdout, stderr }: Outputs, error?: Error): void {
  for (const output of [stdout, stderr]) {
    if (error) output.destroy(error);
    else output.end();
  }
}
