import type { EventOf, RunEvent } from "./events.ts";

export interface TimedPhase {
  readonly title: string;
  readonly parents: readonly string[];
  readonly durationMs: number;
}

export interface RunTimes {
  /** ISO times of the first and the last event. */
  readonly startedAt: string;
  readonly endedAt: string;
  readonly totalMs: number;
  /** From the start of the run to the end of the first case; undefined if none ended. */
  readonly firstVerdictMs: number | undefined;
  /** All phases, longest first. */
  readonly slowestPhases: readonly TimedPhase[];
  /** The chain of innermost phases that the run waited for, in order: shortening any other one gains nothing. */
  readonly criticalPath: readonly TimedPhase[];
  /** Ids and times of cases, longest first. */
  readonly slowestCases: readonly { readonly caseId: string; readonly durationMs: number }[];
}

/** Where the time of a run went. A phase event is written when the phase ends, so its start is reckoned back. */
export function runTimes(events: readonly RunEvent[]): RunTimes {
  const startedAt = events[0]?.at ?? new Date(0).toISOString();
  const endedAt = events.at(-1)?.at ?? startedAt;
  const phases = events.filter((event) => event.type === "phase");
  const ends = events.filter((event) => event.type === "case-ended");
  const first = ends[0];
  return {
    startedAt,
    endedAt,
    totalMs: elapsed(startedAt, endedAt),
    firstVerdictMs: first && elapsed(startedAt, first.at),
    slowestPhases: phases.toSorted((a, b) => b.durationMs - a.durationMs).map(timed),
    criticalPath: criticalPath(phases).map(timed),
    slowestCases: ends
      .toSorted((a, b) => b.durationMs - a.durationMs)
      .map(({ caseId, durationMs }) => ({ caseId, durationMs })),
  };
}

/** Two phases that meet may overlap by the time it takes to write an event. */
const SLACK_MS = 20;
/** What is begun in the middle of another phase was not begun by one that ended longer ago than this. */
const GAP_MS = 500;

/**
 * Goes back from the end: the phase that ended last before this moment is what was waited for, then the same from its
 * start on. Where none ended then, it was begun by one that went on: of that the part until this moment was waited for.
 */
function criticalPath(phases: readonly EventOf<"phase">[]): readonly EventOf<"phase">[] {
  const outer = new Set(
    phases.flatMap(({ parents = [] }) => parents.map((_, i) => parents.slice(0, i + 1).join("\0"))),
  );
  const inner = phases.filter(({ title, parents = [] }) => !outer.has([...parents, title].join("\0")));
  const byEnd = inner.toSorted((a, b) => endMs(b) - endMs(a));
  const path: EventOf<"phase">[] = [];
  let before = waitedFor(byEnd, Number.POSITIVE_INFINITY);
  while (before) {
    path.unshift(before);
    before = waitedFor(byEnd, startMs(before));
  }
  return path;
}

/** @param byEnd the last first @returns undefined if nothing had begun by then */
function waitedFor(byEnd: readonly EventOf<"phase">[], moment: number): EventOf<"phase"> | undefined {
  const begun = byEnd.filter((phase) => startMs(phase) < moment - SLACK_MS);
  const ended = begun.find((phase) => endMs(phase) <= moment + SLACK_MS);
  if (ended && moment - endMs(ended) <= GAP_MS) return ended;
  const spanning = begun.filter((phase) => endMs(phase) > moment + SLACK_MS);
  const [last] = spanning.toSorted((a, b) => startMs(b) - startMs(a));
  return last ? { ...last, at: new Date(moment).toISOString(), durationMs: moment - startMs(last) } : ended;
}

function startMs(phase: EventOf<"phase">): number {
  return endMs(phase) - phase.durationMs;
}

function endMs({ at }: EventOf<"phase">): number {
  return Date.parse(at);
}

function elapsed(from: string, to: string): number {
  return Math.max(0, Date.parse(to) - Date.parse(from));
}

function timed({ title, parents = [], durationMs }: EventOf<"phase">): TimedPhase {
  return { title, parents, durationMs };
}
