import { setTimeout as delay } from "node:timers/promises";
import type { Deadline } from "../core/deadline.ts";
import { DeadlineError, messageOf, PlumblineError } from "../core/errors.ts";
import type { Connection } from "./connection.ts";
import type { KubeObject } from "./kube-object.ts";

export interface Observation {
  /** Finds the path of the collection; may fail as long as the kind is not served. */
  readonly path: () => Promise<string>;
  readonly query: Readonly<Record<string, string>>;
  /** What is waited for, as in "waited 30 s for ...". */
  readonly what: string;
  readonly deadline: Deadline;
  readonly signal?: AbortSignal | undefined;
  /** Called with the state of the collection after every change; true ends the wait. */
  readonly done: (objects: readonly KubeObject[]) => boolean;
  /** A short form of the last state for the error. */
  readonly describe: (objects: readonly KubeObject[]) => unknown;
}

interface WatchEvent {
  readonly type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR";
  readonly object: KubeObject;
}

interface List {
  readonly metadata: { readonly resourceVersion: string };
  readonly items: readonly KubeObject[];
}

/** A watch is asked to end after this long; one that is silent for longer has lost its connection. */
const WATCH_SECONDS = 25;

/**
 * Lists a collection and follows it until `done`. A watch that ends, is cut, or has become too old starts again with a
 * list; a refusal counts as "not yet".
 * @returns the objects of the moment `done` was true
 * @throws DeadlineError PL_KUBE_WAIT with the last state
 * @throws the signal's reason if aborted
 */
export async function observe(connection: Connection, observation: Observation): Promise<readonly KubeObject[]> {
  const { deadline, what } = observation;
  const timeout = AbortSignal.timeout(Math.ceil(deadline.remainingMs));
  const signal = observation.signal ? AbortSignal.any([observation.signal, timeout]) : timeout;
  const seen: Seen = { objects: new Map(), listed: false };
  let failure: unknown;
  while (!signal.aborted) {
    try {
      if (await follow(connection, { observation, seen, signal })) return [...seen.objects.values()];
      failure = undefined;
    } catch (error) {
      // such as a kubeconfig that cannot be read: no wait puts it right
      if (error instanceof PlumblineError && error.kind === "usage") throw error;
      failure = error;
      await delay(200, undefined, { signal }).catch(() => undefined);
    }
  }
  observation.signal?.throwIfAborted();
  const state: unknown = seen.listed ? observation.describe([...seen.objects.values()]) : "nothing was observed";
  const last: unknown =
    failure === undefined || timeoutOf(failure) ? state : `${messageOf(failure)}; before that: ${text(state)}`;
  throw new DeadlineError({
    code: "PL_KUBE_WAIT",
    kind: "harness",
    message: `waited ${(deadline.timeoutMs / 1000).toFixed(1)} s for ${what}; last seen: ${text(last)}`,
    cause: failure,
    context: { lastObservation: last },
    lastObservation: last,
  });
}

interface Seen {
  readonly objects: Map<string, KubeObject>;
  listed: boolean;
}

interface Following {
  readonly observation: Observation;
  readonly seen: Seen;
  readonly signal: AbortSignal;
}

/** One list and the watch that goes on from it. @returns whether `done` was reached */
async function follow(connection: Connection, { observation, seen, signal }: Following): Promise<boolean> {
  const path = await observation.path();
  const list = await connection.json<List>({ method: "GET", path: withQuery(path, observation.query), signal });
  seen.objects.clear();
  seen.listed = true;
  for (const object of list.items) seen.objects.set(keyOf(object), object);
  if (observation.done([...seen.objects.values()])) return true;

  const watch = withQuery(path, {
    ...observation.query,
    watch: "1",
    resourceVersion: list.metadata.resourceVersion,
    timeoutSeconds: String(WATCH_SECONDS),
  });
  const own = new AbortController();
  const both = AbortSignal.any([signal, own.signal, AbortSignal.timeout((WATCH_SECONDS + 5) * 1000)]);
  const response = await connection.open({ method: "GET", path: watch, signal }, both);
  if (!response.body) return false;
  try {
    for await (const line of linesOf(response.body)) {
      const event = JSON.parse(line) as WatchEvent;
      // 410 Gone and the like come inside a 200 stream: list again
      if (event.type === "ERROR") return false;
      if (event.type === "BOOKMARK") continue;
      if (event.type === "DELETED") seen.objects.delete(keyOf(event.object));
      else seen.objects.set(keyOf(event.object), event.object);
      if (observation.done([...seen.objects.values()])) return true;
    }
    return false;
  } finally {
    own.abort();
  }
}

/** Lines of a body. Not `readline`: an input that fails raises an uncaught exception there. */
async function* linesOf(body: AsyncIterable<unknown>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of body) {
    const lines = (rest + decoder.decode(chunk as Uint8Array, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    yield* lines.filter((line) => line !== "");
  }
}

function keyOf(object: KubeObject): string {
  return `${object.metadata.namespace ?? ""}/${object.metadata.name}`;
}

/** Adds query parameters to a path; empty values are left out. */
export function withQuery(path: string, query: Readonly<Record<string, string | undefined>>): string {
  const pairs = Object.entries(query).flatMap(([k, v]): [string, string][] =>
    v === undefined || v === "" ? [] : [[k, v]],
  );
  return pairs.length === 0 ? path : `${path}?${new URLSearchParams(pairs).toString()}`;
}

function timeoutOf(error: unknown): boolean {
  return error instanceof Error && (error.name === "TimeoutError" || error.name === "AbortError");
}

function text(value: unknown): string {
  const whole = typeof value === "string" ? value : (JSON.stringify(value) ?? String(value));
  return whole.length > 600 ? `${whole.slice(0, 600)}...` : whole;
}
