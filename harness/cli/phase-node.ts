import type { Phase } from "../core/ports.ts";

export type PhaseState = "active" | "done" | "skipped" | "failed";

export interface PhaseListener {
  started(node: PhaseNode): void;
  updated(node: PhaseNode): void;
  ended(node: PhaseNode): void;
}

interface PhaseNodeOptions {
  readonly title: string;
  readonly parent: PhaseNode | undefined;
  readonly now: () => number;
  readonly listener: PhaseListener;
}

/** A phase with its state, so that it can be drawn. A phase that has ended stays as it ended. */
export class PhaseNode implements Phase {
  readonly title: string;
  readonly parent: PhaseNode | undefined;
  readonly children: PhaseNode[] = [];
  state: PhaseState = "active";
  detail = "";
  readonly startedMs: number;
  #endedMs: number | undefined;
  readonly #options: PhaseNodeOptions;

  constructor(options: PhaseNodeOptions) {
    this.#options = options;
    this.title = options.title;
    this.parent = options.parent;
    this.startedMs = options.now();
  }

  /** Titles from the outermost phase to this one. */
  get path(): string {
    return this.parent ? `${this.parent.path} > ${this.title}` : this.title;
  }

  get durationMs(): number {
    return (this.#endedMs ?? this.#options.now()) - this.startedMs;
  }

  update(detail: string): void {
    const line = oneLine(detail);
    if (this.state !== "active" || line === this.detail) return;
    this.detail = line;
    this.#options.listener.updated(this);
  }

  done(detail = ""): void {
    this.#end("done", detail);
  }

  skip(reason: string): void {
    this.#end("skipped", reason);
  }

  fail(reason: string): void {
    this.#end("failed", reason);
  }

  phase(title: string): Phase {
    const child = new PhaseNode({ ...this.#options, title, parent: this });
    this.children.push(child);
    this.#options.listener.started(child);
    return child;
  }

  #end(state: PhaseState, detail: string): void {
    if (this.state !== "active") return;
    this.state = state;
    this.detail = oneLine(detail);
    this.#endedMs = this.#options.now();
    this.#options.listener.ended(this);
  }
}

/** The first line: a reason may be a whole log, and the error itself is rendered in full at the end. */
function oneLine(text: string): string {
  return text.trim().split("\n", 1)[0] ?? "";
}
