import { PassThrough } from "node:stream";
import type { KubeConfig, V1Status } from "@kubernetes/client-node";
import { harnessError, messageOf } from "../core/errors.ts";
import type { Finished } from "../process/run.ts";

export interface ExecRequest {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly argv: readonly string[];
  readonly stdin?: string | Uint8Array | undefined;
  /** The program knows how much it reads: no end is sent, which older servers take for the end of the connection. */
  readonly keepStdinOpen?: boolean;
  readonly timeoutMs: number;
  /** Exit codes that are an answer. Default: any. */
  readonly okExitCodes?: readonly number[] | "any";
  readonly signal?: AbortSignal | undefined;
}

/** More output than this ends the exec: there is no backpressure, and captures do not belong here. */
const MAX_OUTPUT_BYTES = 8 * 1024 * 1024;

interface Socket {
  on(event: "close", listener: (code: number) => void): unknown;
  terminate(): void;
}

/**
 * Runs a program in a container and waits for its end. It cannot hang: the socket's close is awaited, not the output's
 * end, and the bound covers connecting too.
 * @throws PlumblineError PL_EXEC_REFUSED if it was not started, PL_EXEC_TIMEOUT, PL_EXEC_LOST if the stream ended without
 *   the program's status, PL_EXEC_OUTPUT if it wrote too much, PL_EXEC_EXIT for an exit code that is not an answer
 */
export async function execInPod(config: KubeConfig, request: ExecRequest): Promise<Finished> {
  request.signal?.throwIfAborted();
  const where = `exec of \`${request.argv.join(" ").slice(0, 200)}\` in ${request.namespace}/${request.pod}/${request.container}`;
  const started = performance.now();
  const session = new ExecSession(request.timeoutMs, request.signal);
  try {
    const closeCode = await session.run(config, request);
    request.signal?.throwIfAborted();
    if (session.timedOut)
      throw harnessError("PL_EXEC_TIMEOUT", `${where}: no end within ${request.timeoutMs / 1000} s`);
    if (session.overflowed) throw harnessError("PL_EXEC_OUTPUT", `${where}: wrote more than ${MAX_OUTPUT_BYTES} bytes`);
    const status = session.status;
    if (!status)
      throw harnessError("PL_EXEC_LOST", `${where}: the stream closed (${closeCode}) without the program's status`);
    const finished: Finished = {
      exitCode: exitCodeOf(status, where),
      stdout: session.stdout(),
      stderr: session.stderr(),
      durationMs: performance.now() - started,
    };
    const accepted = request.okExitCodes ?? "any";
    if (accepted === "any" || accepted.includes(finished.exitCode)) return finished;
    const output = `${finished.stderr}\n${finished.stdout}`.trim().slice(-2_000);
    throw harnessError("PL_EXEC_EXIT", `${where}: exited with ${finished.exitCode}${output ? `: ${output}` : ""}`, {
      context: { exitCode: finished.exitCode },
    });
  } finally {
    session.end();
  }
}

class ExecSession {
  status: V1Status | undefined;
  timedOut = false;
  overflowed = false;
  readonly #out: Buffer[] = [];
  readonly #err: Buffer[] = [];
  #bytes = 0;
  #socket: Socket | undefined;
  #ended = false;
  readonly #timer: NodeJS.Timeout;
  readonly #signal: AbortSignal | undefined;
  #giveUp: () => void = () => undefined;
  readonly #abort = (): void => this.end();

  constructor(timeoutMs: number, signal: AbortSignal | undefined) {
    this.#signal = signal;
    this.#timer = setTimeout(() => {
      this.timedOut = true;
      this.end();
    }, timeoutMs);
    signal?.addEventListener("abort", this.#abort, { once: true });
  }

  /** @returns the close code of the socket; 0 if it was given up */
  async run(config: KubeConfig, request: ExecRequest): Promise<number> {
    const gaveUp = new Promise<number>((resolve) => {
      this.#giveUp = () => resolve(0);
    });
    const connected = this.#connect(config, request).then((socket) => {
      this.#socket = socket;
      // it may open after we have stopped waiting for it
      if (this.#ended) socket.terminate();
      return new Promise<number>((resolve) => void socket.on("close", resolve));
    });
    return Promise.race([connected, gaveUp]);
  }

  async #connect(config: KubeConfig, request: ExecRequest): Promise<Socket> {
    const { Exec } = await import("@kubernetes/client-node");
    const { namespace, pod, container, argv, stdin } = request;
    const input = stdin === undefined ? null : new PassThrough();
    input?.write(Buffer.from(stdin ?? ""));
    if (!request.keepStdinOpen) input?.end();
    const onStatus = (status: V1Status): void => {
      this.status = status;
    };
    // both sinks are always given: a frame for a stream without one throws inside the socket's handler
    const sinks = [this.#sink(this.#out), this.#sink(this.#err)] as const;
    try {
      return await new Exec(config).exec(namespace, pod, container, [...argv], ...sinks, input, false, onStatus);
    } catch (error) {
      // what is thrown here is the WebSocket's ErrorEvent, which is no Error
      const message = error instanceof Error ? messageOf(error) : String((error as { message?: unknown }).message);
      throw harnessError("PL_EXEC_REFUSED", `exec in ${namespace}/${pod}/${container}: ${message}`, {
        hint: "the API server's reason is lost on this path; look at the pod",
      });
    }
  }

  #sink(chunks: Buffer[]): PassThrough {
    const sink = new PassThrough();
    sink.on("data", (chunk: Buffer) => {
      this.#bytes += chunk.length;
      if (this.#bytes <= MAX_OUTPUT_BYTES) chunks.push(chunk);
      else if (!this.overflowed) {
        this.overflowed = true;
        this.end();
      }
    });
    return sink;
  }

  stdout(): string {
    return Buffer.concat(this.#out).toString("utf8");
  }

  stderr(): string {
    return Buffer.concat(this.#err).toString("utf8");
  }

  end(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
    this.#signal?.removeEventListener("abort", this.#abort);
    this.#socket?.terminate();
    this.#giveUp();
  }
}

function exitCodeOf(status: V1Status, where: string): number {
  if (status.status === "Success") return 0;
  const cause = status.details?.causes?.find((c) => c.reason === "ExitCode");
  const code = Number(cause?.message);
  if (cause && Number.isInteger(code)) return code;
  throw harnessError("PL_EXEC_REFUSED", `${where}: ${status.message ?? status.reason ?? "refused without a reason"}`);
}
