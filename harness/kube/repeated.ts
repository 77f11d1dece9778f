import { setTimeout as delay } from "node:timers/promises";
import { KubeApiError } from "./kube-api-error.ts";

const ATTEMPTS = 4;

/** Repeats a request that got no answer or was put off by the server. Only for what may be sent twice. */
export async function repeated<T>(send: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await send();
    } catch (error) {
      const transient = error instanceof KubeApiError && [0, 429, 500, 503, 504].includes(error.status);
      if (!transient || attempt === ATTEMPTS) throw error;
      await delay(Math.min(error.retryAfterSeconds ?? 0, 5) * 1000 || 100 * attempt);
    }
  }
}
