import type { EventOf } from "../../harness/results/events.ts";

/**
 * When an attempt at a case began and ended, in milliseconds. Its duration leaves out the waiting for its pods, which it
 * shares with other cases, and so does its beginning.
 */
export function attemptTimes({ at, durationMs }: EventOf<"case-ended">): { start: number; stop: number } {
  const stop = Date.parse(at);
  return { start: stop - Math.round(durationMs), stop };
}
