import { messageOf, PlumblineError } from "../core/errors.ts";
import type { CaseIndexEntry } from "../plan/case-index.ts";
import type { CaseEnd, RunEventBody } from "../results/events.ts";
import type { SubjectPlugin } from "../config/plugin-under-test.ts";
import type { Signature } from "../plan/deviations.ts";
import type { ClusterChanges } from "./cluster-changes.ts";
import { Lane, type LaneProcess } from "./lane.ts";
import type { LaneOptions, LaneTestbed, Settled } from "./lane-protocol.ts";
import type { WorkItem } from "./work-items.ts";

export interface PoolOptions {
  readonly lanes: number;
  readonly recordDir: string;
  /** Suite files that lanes load while they wait. Default: none. */
  readonly files?: readonly string[];
  readonly onEvent: (event: RunEventBody) => void;
  /** Told of items that change the cluster for a time. */
  readonly changes?: Pick<ClusterChanges, "begin" | "end"> | undefined;
  /** Default: a process of its own. */
  readonly startLane?: (index: number, options: LaneProcess) => PooledLane;
}

/** What the pool asks of a lane. */
export type PooledLane = Pick<
  Lane,
  "index" | "alive" | "open" | "settle" | "work" | "know" | "close" | "stop" | "kill"
>;

/** The lanes of a run: started together, fed from a queue, closed together. */
export class LanePool {
  readonly #lanes: PooledLane[] = [];
  readonly #options: PoolOptions;
  /** How often each case has ended. */
  readonly #ends = new Map<string, number>();
  #stopped: string | undefined;
  #subject: SubjectPlugin | undefined;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  /** Starts the processes, which load for most of a second: before they are needed, and once. */
  start(): void {
    while (this.#lanes.length < this.#options.lanes) this.#lanes.push(this.#startLane(this.#lanes.length));
  }

  #startLane(index: number): PooledLane {
    const { startLane = (at, options) => new Lane(at, options) } = this.#options;
    return startLane(index, {
      recordDir: this.#options.recordDir,
      files: this.#options.files ?? [],
      onEvent: (event) => {
        if (event.type === "case-ended") this.#ends.set(event.caseId, this.#endsOf(event.caseId) + 1);
        this.#options.onEvent(event);
      },
    });
  }

  #endsOf(caseId: string): number {
    return this.#ends.get(caseId) ?? 0;
  }

  async open(testbed: LaneTestbed, options: Omit<LaneOptions, "lane">): Promise<void> {
    this.start();
    await Promise.all(this.#lanes.map((lane) => lane.open(testbed, { ...options, lane: lane.index })));
  }

  /** Has cases ask this plugin in place of the reference plugins. */
  ask(subject: SubjectPlugin): void {
    this.#subject = subject;
  }

  /** Tells the lanes what is known of the versions that were found. */
  know(known: readonly Signature[]): void {
    for (const lane of this.#lanes) lane.know(known);
  }

  /** Begins nothing more: cases that did not begin are told as skipped, for this reason. */
  stop(why: string): void {
    this.#stopped ??= why;
    for (const lane of this.#lanes) lane.stop(why);
  }

  /**
   * Runs all items as often as asked, round by round: those that may run together first, on all lanes; then the others
   * one by one. A lane that breaks makes its unfinished cases errors, and the others go on.
   */
  async run(items: readonly WorkItem[], index: ReadonlyMap<string, CaseIndexEntry>, rounds = 1): Promise<void> {
    for (let round = 1; round <= rounds; round++) await this.#runRound(items, { index, round });
  }

  async #runRound(items: readonly WorkItem[], at: Round): Promise<void> {
    const queue = items.filter((item) => !item.alone);
    const feed = async (lane: PooledLane): Promise<void> => {
      for (let item = queue.shift(); item; item = queue.shift()) {
        await this.#runItem(lane, item, at);
        if (!lane.alive) return;
      }
    };
    await Promise.all(this.#lanes.map(feed));
    await this.#settle("at rest");
    for (const item of [...queue, ...items.filter((i) => i.alone)]) {
      const lane = this.#lanes.find((l) => l.alive);
      if (lane) await this.#runAlone(lane, item, at);
      else this.#errorOut(item, at, { error: new Error("no lane is left to run it"), lane: 0 });
    }
    await this.#settle("judged");
  }

  /** What a lane that broke has not undone stays told. */
  async #runAlone(lane: PooledLane, item: WorkItem, at: Round): Promise<void> {
    const what = item.suites.flatMap(({ caseIds }) => caseIds).join(", ");
    this.#options.changes?.begin(what);
    await this.#runItem(lane, item, at);
    await this.#settle("at rest");
    if (lane.alive) this.#options.changes?.end(what);
  }

  /** Waits for the pods of all lanes: what disturbs a node or the cluster would disturb their teardown, too. */
  async #settle(until: Settled): Promise<void> {
    const settled = this.#lanes.map((lane) =>
      lane.settle(until).catch((error: unknown) => {
        const message = `what the pods of lane ${lane.index} left was not judged: ${messageOf(error)}`;
        this.#options.onEvent({ type: "cleanup-failed", message });
      }),
    );
    await Promise.all(settled);
  }

  async #runItem(lane: PooledLane, item: WorkItem, at: Round): Promise<void> {
    if (this.#stopped !== undefined) return this.#skipOut(item, at, this.#stopped);
    try {
      await lane.work(item.suites, this.#subject);
    } catch (error) {
      this.#errorOut(item, at, { error, lane: lane.index });
    }
  }

  #errorOut(item: WorkItem, { index, round }: Round, why: { error: unknown; lane: number }): void {
    for (const entry of entriesOf(item, index)) {
      if (this.#endsOf(entry.id) < round) this.#options.onEvent(brokenCase(entry, why));
    }
  }

  #skipOut(item: WorkItem, { index }: Round, text: string): void {
    for (const entry of entriesOf(item, index)) {
      if (this.#endsOf(entry.id) > 0) continue;
      this.#options.onEvent({ ...endOf(entry, 0), outcome: "skipped", skip: { code: "SKIP_FAIL_FAST", text } });
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

interface Round {
  readonly index: ReadonlyMap<string, CaseIndexEntry>;
  /** From 1. */
  readonly round: number;
}

function entriesOf(item: WorkItem, index: ReadonlyMap<string, CaseIndexEntry>): readonly CaseIndexEntry[] {
  return item.suites.flatMap(({ caseIds }) => caseIds.flatMap((id) => index.get(id) ?? []));
}

/** The end of a case that the parent tells itself. */
function endOf(entry: CaseIndexEntry, lane: number): Omit<CaseEnd, "outcome"> {
  return {
    type: "case-ended",
    caseId: entry.id,
    revision: entry.revision,
    title: entry.title,
    lane,
    durationMs: 0,
    clauses: entry.clauses,
    pods: [],
    evidence: [],
  };
}

function brokenCase(entry: CaseIndexEntry, why: { error: unknown; lane: number }): CaseEnd {
  const known = why.error instanceof PlumblineError ? why.error : undefined;
  return {
    ...endOf(entry, why.lane),
    outcome: "error",
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
