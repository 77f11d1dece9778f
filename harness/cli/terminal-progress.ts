import type { Phase, Progress } from "../core/ports.ts";
import { durationText } from "./duration-text.ts";
import { LiveRegion } from "./live-region.ts";
import type { Paint } from "./paint.ts";
import { PhaseNode, type PhaseListener } from "./phase-node.ts";
import { finishedLines, liveLines } from "./phase-lines.ts";

export interface TerminalProgressOptions {
  readonly stream: NodeJS.WritableStream & { readonly columns?: number; readonly rows?: number };
  /** A region that is redrawn, for a terminal; else plain lines, one a change of state. */
  readonly live: boolean;
  readonly paint: Paint;
  /** Milliseconds on a monotonic clock. */
  readonly now?: () => number;
}

/** A detail of a phase is told at most this often in plain lines: logs of CI are read, not watched. */
const DETAIL_EVERY_MS = 5_000;

/** Tells people how far the work is. */
export class TerminalProgress implements Progress {
  readonly #options: TerminalProgressOptions;
  readonly #now: () => number;
  readonly #startedMs: number;
  readonly #roots = new Set<PhaseNode>();
  readonly #toldMs = new WeakMap<PhaseNode, number>();
  readonly #region: LiveRegion | undefined;

  constructor(options: TerminalProgressOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
    this.#startedMs = this.#now();
    this.#region = options.live
      ? new LiveRegion(options.stream, (columns) =>
          liveLines(this.#roots, { nowMs: this.#now(), columns, paint: options.paint }),
        )
      : undefined;
  }

  phase(title: string): Phase {
    const node = new PhaseNode({ title, parent: undefined, now: this.#now, listener: this.#listener });
    this.#roots.add(node);
    this.#listener.started(node);
    return node;
  }

  note(line: string): void {
    if (this.#region) this.#region.print([line]);
    else this.#plain(line);
  }

  readonly #listener: PhaseListener = {
    started: (node) => {
      if (this.#region) this.#region.start();
      else this.#plain(`${node.path}: started`);
    },
    updated: (node) => {
      if (this.#region) return;
      const last = this.#toldMs.get(node);
      if (last !== undefined && this.#now() - last < DETAIL_EVERY_MS) return;
      this.#toldMs.set(node, this.#now());
      this.#plain(`${node.path}: ${node.detail}`);
    },
    ended: (node) => {
      if (!node.parent) this.#roots.delete(node);
      if (!this.#region) return this.#plain(`${node.path}: ${endText(node)}`);
      if (node.parent) return;
      this.#region.print(finishedLines(node, this.#options.paint));
      if (this.#roots.size === 0) this.#region.stop();
    },
  };

  #plain(text: string): void {
    const seconds = ((this.#now() - this.#startedMs) / 1000).toFixed(1);
    this.#options.stream.write(`[${seconds.padStart(6)}s] ${text}\n`);
  }
}

function endText(node: PhaseNode): string {
  if (node.state === "skipped") return `skipped: ${node.detail}`;
  const duration = durationText(node.durationMs);
  if (node.state === "failed") return `FAILED after ${duration}: ${node.detail}`;
  return `done in ${duration}${node.detail ? `, ${node.detail}` : ""}`;
}
