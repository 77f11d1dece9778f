import { messageOf, PlumblineError } from "../core/errors.ts";
import type { CaseIndexEntry } from "../plan/case-index.ts";
import type { CaseEnd, RunEventBody } from "../results/events.ts";
import { Lane } from "./lane.ts";
import type { LaneOptions, LaneTestbed } from "./lane-protocol.ts";
import type { WorkItem } from "./work-items.ts";

export interface PoolOptions {
  readonly lanes: number;
  readonly recordDir: string;
  readonly onEvent: (event: RunEventBody) => void;
}

/** The lanes of a run: started together, fed from a queue, closed together. */
export class LanePool {
  readonly #lanes: Lane[] = [];
  readonly #options: PoolOptions;
  readonly #ended = new Set<string>();

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  /** Starts the processes, which load for most of a second: before they are needed, and once. */
  start(): void {
    while (this.#lanes.length < this.#options.lanes) this.#lanes.push(this.#startLane(this.#lanes.length));
  }

  #startLane(index: number): Lane {
    return new Lane(index, {
      recordDir: this.#options.recordDir,
      onEvent: (event) => {
        if (event.type === "case-ended") this.#ended.add(event.caseId);
        this.#options.onEvent(event);
      },
    });
  }

  async open(testbed: LaneTestbed, options: Omit<LaneOptions, "lane">): Promise<void> {
    this.start();
    await Promise.all(this.#lanes.map((lane) => lane.open(testbed, { ...options, lane: lane.index })));
  }

  /**
   * Runs all items: those that may run together first, on all lanes; then the others one by one.
   * A lane that breaks makes its unfinished cases errors, and the others go on.
   */
  async run(items: readonly WorkItem[], index: ReadonlyMap<string, CaseIndexEntry>): Promise<void> {
    const queue = items.filter((item) => !item.alone);
    const feed = async (lane: Lane): Promise<void> => {
      for (let item = queue.shift(); item; item = queue.shift()) {
        await this.#runItem(lane, item, index);
        if (!lane.alive) return;
      }
    };
    await Promise.all(this.#lanes.map(feed));
    for (const item of [...queue, ...items.filter((i) => i.alone)]) {
      const lane = this.#lanes.find((l) => l.alive);
      if (lane) await this.#runItem(lane, item, index);
      else this.#errorOut(item, index, { error: new Error("no lane is left to run it"), lane: 0 });
    }
  }

  async #runItem(lane: Lane, item: WorkItem, index: ReadonlyMap<string, CaseIndexEntry>): Promise<void> {
    try {
      await lane.work(item.suites);
    } catch (error) {
      this.#errorOut(item, index, { error, lane: lane.index });
    }
  }

  #errorOut(item: WorkItem, index: ReadonlyMap<string, CaseIndexEntry>, why: { error: unknown; lane: number }): void {
    for (const caseId of item.suites.flatMap((suite) => suite.caseIds)) {
      const entry = index.get(caseId);
      if (entry && !this.#ended.has(caseId)) this.#options.onEvent(brokenCase(entry, why));
    }
  }

  /** Has every lane remove what it made in the cluster. */
  async close(): Promise<void> {
    await Promise.all(this.#lanes.map((lane) => lane.close()));
  }

  kill(): void {
    for (const lane of this.#lanes) lane.kill();
  }
}

function brokenCase(entry: CaseIndexEntry, why: { error: unknown; lane: number }): CaseEnd {
  const known = why.error instanceof PlumblineError ? why.error : undefined;
  return {
    type: "case-ended",
    caseId: entry.id,
    revision: entry.revision,
    title: entry.title,
    lane: why.lane,
    outcome: "error",
    durationMs: 0,
    clauses: entry.clauses,
    pods: [],
    evidence: [],
    failure: {
      assertion: `${entry.id}/harness`,
      message: messageOf(why.error),
      expected: null,
      observed: null,
      code: known?.code ?? "PL_INTERNAL",
      kind: known?.kind ?? "harness",
    },
  };
}
