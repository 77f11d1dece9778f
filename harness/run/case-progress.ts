import type { Phase } from "../core/ports.ts";
import type { CaseEnd, RunEventBody } from "../results/events.ts";

export interface CaseProgressOptions {
  readonly total: number;
  /** Title of the known deviation that a failure is, if it is one. */
  readonly knownAs: (end: CaseEnd) => string | undefined;
}

/** Shows the cases of a run as they end. What it says is what the lanes saw; verdicts come at the end. */
export class CaseProgress {
  readonly #phase: Phase;
  readonly #options: CaseProgressOptions;
  readonly #counts = new Map<CaseEnd["outcome"] | "known", number>();
  readonly #open = new Map<string, Phase>();
  #ended = 0;

  constructor(phase: Phase, options: CaseProgressOptions) {
    this.#phase = phase;
    this.#options = options;
  }

  see(event: RunEventBody): void {
    if (event.type === "case-started") {
      this.#open.set(event.caseId, this.#phase.phase(event.caseId));
    } else if (event.type === "case-ended") {
      this.#end(event);
    } else if (event.type === "violation") {
      const { invariant, pod, thing } = event.violation;
      this.#phase.update(firstLine(`${invariant} broken on ${pod}: ${thing}`));
    }
  }

  #end(event: CaseEnd): void {
    this.#ended++;
    const known = event.outcome === "failed" ? this.#options.knownAs(event) : undefined;
    const outcome = known === undefined ? event.outcome : "known";
    this.#counts.set(outcome, (this.#counts.get(outcome) ?? 0) + 1);
    const phase = this.#open.get(event.caseId) ?? this.#phase.phase(event.caseId);
    this.#open.delete(event.caseId);
    if (event.outcome === "passed") phase.done(event.title);
    else if (event.outcome === "skipped") phase.skip(event.skip?.text ?? "");
    else if (known !== undefined) phase.done(`known deviation: ${known}`);
    else phase.fail(`${event.outcome}: ${firstLine(event.failure?.message ?? "")}`);
    this.#phase.update(`${this.#ended} of ${this.#options.total} cases: ${this.#text()}`);
  }

  #text(): string {
    return [...this.#counts].map(([outcome, n]) => `${n} ${outcome}`).join(", ");
  }

  /** Counts for the end of the phase. */
  summary(): string {
    return this.#text();
  }
}

function firstLine(text: string): string {
  const [line = ""] = text.split("\n");
  return line.length > 160 ? `${line.slice(0, 160)}...` : line;
}
