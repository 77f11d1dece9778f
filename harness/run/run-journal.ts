import { PlumblineError } from "../core/errors.ts";
import type { Phase, Progress } from "../core/ports.ts";
import type { CaseEnd, RunEventBody, ViolationFound } from "../results/events.ts";
import type { RecordWriter } from "../results/record-writer.ts";
import type { Feature } from "./detect-features.ts";

/**
 * The record of a run while it runs: writes events, remembers those that the verdicts are made of, and lets phases pass
 * on to the terminal while writing them down.
 */
export class RunJournal {
  readonly #writer: RecordWriter;
  readonly #invariants = new Map<string, { pods: number; checks: number; violations: number }>();
  readonly caseEnds: CaseEnd[] = [];
  readonly violations: ViolationFound[] = [];
  readonly cleanupFailures: string[] = [];
  /** Of the testbed; none before it stands. */
  features: readonly Feature[] = [];
  readonly #broken = new AbortController();

  constructor(writer: RecordWriter) {
    this.#writer = writer;
  }

  /** Aborted when the host takes no more of the record, with that error: a run that cannot be recorded is of no use. */
  get broken(): AbortSignal {
    return this.#broken.signal;
  }

  get dir(): string {
    return this.#writer.dir;
  }

  write(event: RunEventBody): void {
    if (event.type === "invariant-summary") {
      const sum = this.#invariants.get(event.invariant) ?? { pods: 0, checks: 0, violations: 0 };
      sum.pods += event.pods;
      sum.checks += event.checks;
      sum.violations += event.violations;
      this.#invariants.set(event.invariant, sum);
      return;
    }
    if (event.type === "case-ended") this.caseEnds.push(event);
    if (event.type === "violation") this.violations.push(event);
    if (event.type === "testbed") this.features = event.features;
    if (event.type === "cleanup-failed") this.cleanupFailures.push(event.message);
    this.#append(event);
  }

  /** Events come from everywhere, also from where nobody would catch: a full disk is told once, by `broken`. */
  #append(event: RunEventBody): void {
    // a record that stops is read as that of a killed run; one with a hole would be read as whole
    if (this.#broken.signal.aborted) return;
    try {
      this.#writer.write(event);
    } catch (error) {
      if (!(error instanceof PlumblineError) || error.kind !== "host") throw error;
      this.#broken.abort(error);
    }
  }

  /** Lanes tell of invariants batch by batch; the record has one line each. */
  writeInvariants(): void {
    for (const [invariant, sum] of this.#invariants) this.#append({ type: "invariant-summary", invariant, ...sum });
  }

  close(): void {
    this.#writer.close();
  }

  /** The same progress, with every phase written down as it ends. */
  recorded(progress: Progress): Progress {
    return {
      phase: (title) => this.#phase(progress.phase(title), title, []),
      note: (line) => progress.note(line),
    };
  }

  #phase(inner: Phase, title: string, parents: readonly string[]): Phase {
    const beganAtMs = performance.now();
    let ended = false;
    const end = (status: "done" | "skipped" | "failed", detail: string | undefined): void => {
      if (ended) return;
      ended = true;
      const durationMs = performance.now() - beganAtMs;
      this.write({ type: "phase", title, parents: [...parents], status, durationMs, ...(detail ? { detail } : {}) });
    };
    return {
      update: (detail) => inner.update(detail),
      done: (detail) => {
        end("done", detail);
        inner.done(detail);
      },
      skip: (reason) => {
        end("skipped", reason);
        inner.skip(reason);
      },
      fail: (reason) => {
        end("failed", reason);
        inner.fail(reason);
      },
      phase: (child) => this.#phase(inner.phase(child), child, [...parents, title]),
    };
  }
}
