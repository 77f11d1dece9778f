import { setTimeout as delay } from "node:timers/promises";
import type { Deadline } from "./deadline.ts";
import { DeadlineError, messageOf, PlumblineError, type ErrorKind } from "./errors.ts";

export interface UntilOptions<T> {
  /** What is waited for, as in "waited 30 s for ...". */
  readonly what: string;
  readonly deadline: Deadline;
  readonly intervalMs?: number;
  readonly signal?: AbortSignal | undefined;
  /** Whether an observation ends the wait. Default: it is neither undefined, null nor false. */
  readonly done?: (observation: T) => boolean;
  /** A short form of the last observation for the error. */
  readonly describe?: (observation: T) => unknown;
  readonly code?: string;
  /** Whose fault it is if the wait runs out. Default: harness. */
  readonly kind?: ErrorKind;
  readonly hint?: string;
}

/**
 * Observes again and again until the observation satisfies `done`.
 * An observation that throws counts as "not yet" and becomes the last observation, so that a transient refusal is waited out;
 * an error of use does not, since no wait puts it right.
 * @throws DeadlineError with the last observation and the number of attempts
 * @throws the signal's reason if it is aborted
 */
export async function until<T>(observe: () => Promise<T> | T, options: UntilOptions<T>): Promise<T> {
  const done = options.done ?? ((value: T) => value !== undefined && value !== null && value !== false);
  let last: unknown = "nothing was observed";
  let cause: unknown;
  for (let attempt = 1; ; attempt++) {
    options.signal?.throwIfAborted();
    try {
      const value = await observe();
      if (done(value)) return value;
      last = options.describe ? options.describe(value) : value;
      cause = undefined;
    } catch (error) {
      if (error instanceof PlumblineError && error.kind === "usage") throw error;
      last = messageOf(error);
      cause = error;
    }
    if (options.deadline.expired) {
      throw new DeadlineError({
        code: options.code ?? "PL_TIMEOUT",
        kind: options.kind ?? "harness",
        message: `waited ${(options.deadline.timeoutMs / 1000).toFixed(1)} s for ${options.what}; last seen: ${short(last)}`,
        hint: options.hint,
        cause,
        context: { attempts: attempt, lastObservation: last },
        lastObservation: last,
      });
    }
    await delay(Math.min(options.intervalMs ?? 200, Math.max(1, options.deadline.remainingMs)), undefined, {
      signal: options.signal,
    });
  }
}

function short(value: unknown): string {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? String(value));
  return text.length > 600 ? `${text.slice(0, 600)}...` : text;
}
