import { AssertionError } from "chai";
import { setTimeout as delay } from "node:timers/promises";
import { Deadline } from "../core/deadline.ts";

const DEFAULT_MS = 30_000;
const INTERVAL_MS = 300;

/**
 * Repeats a check until it throws no assertion any more. What is not an assertion, a node that cannot be reached for one,
 * ends it at once.
 * @throws what the check threw last, when the bound has passed
 */
export async function eventually(
  check: () => void | Promise<void>,
  { timeoutMs = DEFAULT_MS }: { readonly timeoutMs?: number } = {},
): Promise<void> {
  const deadline = Deadline.in(timeoutMs);
  for (;;) {
    try {
      await check();
      return;
    } catch (error) {
      if (!(error instanceof AssertionError) || deadline.expired) throw error;
    }
    await delay(Math.min(INTERVAL_MS, Math.max(1, deadline.remainingMs)));
  }
}
