import { Deadline } from "./deadline.ts";
import { messageOf, PlumblineError } from "./errors.ts";

interface Undo {
  readonly title: string;
  readonly undo: (deadline: Deadline) => Promise<void>;
}

/**
 * A stack of things to undo. `defer` before the thing is made, so that a half-made thing is undone too.
 * Closing runs in reverse order under a budget of its own (never the spent deadline of what failed), goes on after a
 * failure, and reports all failures at once. Closing twice is harmless.
 */
export class Scope {
  readonly #undos: Undo[] = [];
  readonly #budgetMs: number;

  constructor(options: { readonly budgetMs: number }) {
    this.#budgetMs = options.budgetMs;
  }

  /** @param title what is undone, as in "delete the cluster x" */
  defer(title: string, undo: (deadline: Deadline) => Promise<void>): void {
    this.#undos.push({ title, undo });
  }

  /** Keeps everything: nothing deferred so far will be undone. */
  release(): void {
    this.#undos.length = 0;
  }

  /** @throws PlumblineError PL_CLEANUP with one line a failed undo */
  async close(): Promise<void> {
    const deadline = Deadline.in(this.#budgetMs);
    const failures: string[] = [];
    const causes: unknown[] = [];
    for (let next = this.#undos.pop(); next; next = this.#undos.pop()) {
      try {
        await next.undo(deadline);
      } catch (error) {
        failures.push(`${next.title}: ${messageOf(error)}`);
        causes.push(error);
      }
    }
    if (failures.length === 0) return;
    throw new PlumblineError({
      code: "PL_CLEANUP",
      kind: "harness",
      message: `could not undo ${failures.length} of our own things: ${failures.join("; ")}`,
      hint: "run `plumbline gc` to remove what is left",
      cause: new AggregateError(causes),
    });
  }
}
