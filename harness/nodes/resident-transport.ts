import { harnessError, messageOf, PlumblineError } from "../core/errors.ts";
import { commandError, type Finished } from "../process/run.ts";
import { INVOKER_PATH, Invoker, type Ran } from "./invoker.ts";
import type { ExecOptions, NodeTransport } from "./transport.ts";
import { writeFileArgv } from "./write-file.ts";

const SESSIONS_AT_MOST = 4;
const WRITE_TIMEOUT_MS = 30_000;
/** What a shell, and Docker, give for a program that cannot be started. */
const NOT_STARTED = 127;

export interface ResidentTransport extends NodeTransport {
  /** Ends what runs on the node for it. It can be used again. */
  close(): Promise<void>;
}

/**
 * A way onto a node by programs that stay there and start others: without the shim, the runtime and the daemons that a
 * `docker exec` sets in motion each time. A program that is not done in time is killed.
 * @param plain the way by which they are started
 * @param options `sessions`: what may run at once; more goes by the plain way, so that nobody waits for programs that take long
 */
export function residentTransport(
  plain: NodeTransport,
  { invokerPath = INVOKER_PATH, sessions = SESSIONS_AT_MOST }: { invokerPath?: string; sessions?: number } = {},
): ResidentTransport {
  const idle: Invoker[] = [];
  const all = new Set<Invoker>();
  let opening = 0;

  const take = async (): Promise<Invoker | undefined> => {
    for (let known = idle.pop(); known; known = idle.pop()) {
      if (!known.isOver()) return known;
      all.delete(known); // with its node, say
    }
    if (all.size + opening >= sessions) return undefined;
    opening++;
    try {
      const made = await Invoker.open(plain, invokerPath);
      all.add(made);
      return made;
    } finally {
      opening--;
    }
  };

  const exec = async (argv: readonly string[], options: ExecOptions): Promise<Finished> => {
    const { signal } = options;
    signal?.throwIfAborted();
    const stdin = asText(options.stdin);
    const resident = stdin === null ? undefined : await take();
    if (!resident || stdin === null) return plain.exec(argv, options);
    const drop = (): void => {
      all.delete(resident);
      void resident.close(0);
    };
    signal?.addEventListener("abort", drop, { once: true });
    try {
      signal?.throwIfAborted(); // while it was started
      return await ask(resident, { node: plain.node, argv, stdin, options });
    } finally {
      signal?.removeEventListener("abort", drop);
      if (all.has(resident)) idle.push(resident);
    }
  };

  return {
    node: plain.node,
    exec,
    open: (argv) => plain.open(argv),
    async writeFile(path, content, mode) {
      const { argv, stdin } = writeFileArgv(path, content, mode);
      await exec(argv, { timeoutMs: WRITE_TIMEOUT_MS, stdin });
    },
    async close() {
      const ending = [...all];
      all.clear();
      idle.length = 0;
      await Promise.all(ending.map((resident) => resident.close()));
    },
  };
}

interface Question {
  readonly node: string;
  readonly argv: readonly string[];
  readonly stdin: string;
  readonly options: ExecOptions;
}

async function ask(resident: Invoker, { node, argv, stdin, options }: Question): Promise<Finished> {
  const { okExitCodes = [0], signal } = options;
  const timeoutMs = Math.ceil(options.timeoutMs);
  const ran = await resident.exec(argv, { timeoutMs, ...(stdin === "" ? {} : { stdin }) }).catch((error: unknown) => {
    signal?.throwIfAborted();
    if (error instanceof PlumblineError && error.code === "PL_INVOKER") return notStarted(error);
    throw harnessError("PL_NODE_EXEC", `cannot run ${argv[0]} on node ${node}: ${messageOf(error)}`, {
      hint: hintFor(node),
      cause: error,
    });
  });
  const { exitCode, stdout, stderr, durationMs, timedOut = false, signal: endedBy = "an unknown cause" } = ran;
  const accepted = okExitCodes === "any" || okExitCodes.includes(exitCode);
  if (!timedOut && exitCode >= 0 && accepted) return { exitCode, stdout, stderr, durationMs };
  throw commandError({
    file: `${node}:`,
    args: argv,
    options: { timeoutMs, kind: "harness", code: "PL_NODE_EXEC", hint: hintFor(node) },
    result: { exitCode: exitCode < 0 ? undefined : exitCode, stdout, stderr, endedBy, cause: undefined, timedOut },
  });
}

function notStarted(error: Error): Ran {
  return { exitCode: NOT_STARTED, stdout: "", stderr: error.message, durationMs: 0 };
}

function hintFor(node: string): string {
  return `look whether node ${node} is running: docker ps, or kubectl get node`;
}

/** Requests are JSON: `null` for what is no text. */
function asText(stdin: string | Uint8Array = ""): string | null {
  if (typeof stdin === "string") return stdin;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(stdin);
  } catch {
    return null;
  }
}
