import type Dockerode from "dockerode";
import { dockerSocket } from "./docker-socket.ts";
import { openEngine } from "./engine-exec.ts";

/** Then the client is asked, which has longer, and says what is wrong in words that people know. */
const API_TIMEOUT_MS = 20_000;

/** The two ways of one question to Docker, which give the same. */
export interface Question<T> {
  readonly byApi: (engine: Dockerode, abortSignal: AbortSignal) => Promise<T>;
  readonly byClient: () => Promise<T>;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Asks Docker over its API where its socket is on this host: a question by the client takes a tenth of a second of a
 * processor, for its own start, and a run asks a dozen. Where the API does not answer, the client is asked.
 * @throws what `byClient` throws; what `byApi` throws that is not of Docker; the signal's reason if aborted
 */
export async function askDocker<T>({ byApi, byClient, signal }: Question<T>): Promise<T> {
  signal?.throwIfAborted();
  const socketPath = await dockerSocket();
  if (socketPath === undefined) return byClient();
  const bound = AbortSignal.timeout(API_TIMEOUT_MS);
  const either = signal ? AbortSignal.any([signal, bound]) : bound;
  const isOver = new Promise<never>((_resolve, reject) => {
    either.addEventListener("abort", () => reject(either.reason), { once: true });
  });
  isOver.catch(() => undefined); // nobody may be waiting any more
  try {
    return await Promise.race([byApi(await openEngine(socketPath), either), isOver]);
  } catch (error) {
    signal?.throwIfAborted();
    if (isOfDocker(error) || bound.aborted) return byClient();
    throw error;
  }
}

/** Names of the system, of the parser of HTTP, and of a stream that broke off. */
const OF_CONNECTION = /^(E[A-Z]+|HPE_\w+|ERR_STREAM_PREMATURE_CLOSE)$/;

/** A connection that failed, or an answer with a status of HTTP: anything else is a mistake of ours, and must show. */
function isOfDocker(error: unknown): boolean {
  const { code, statusCode } = (error ?? {}) as { code?: unknown; statusCode?: unknown };
  return typeof statusCode === "number" || (typeof code === "string" && OF_CONNECTION.test(code));
}

/** For what may have gone, or was never there. @returns undefined if Docker has no such thing */
export async function unlessAbsent<T>(looked: Promise<T>): Promise<T | undefined> {
  try {
    return await looked;
  } catch (error) {
    if ((error as { statusCode?: unknown }).statusCode === 404) return undefined;
    throw error;
  }
}
