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

/**
 * Goes back from the end: the phase that ended last before this moment is what was waited for, then the same from its
 * start on. Two phases that meet may overlap by the time it takes to write an event, hence the slack.
 */
function criticalPath(phases: readonly EventOf<"phase">[]): readonly EventOf<"phase">[] {
  const slackMs = 20;
  const outer = new Set(
    phases.flatMap(({ parents = [] }) => parents.map((_, i) => parents.slice(0, i + 1).join("\0"))),
  );
  const inner = phases.filter(({ title, parents = [] }) => !outer.has([...parents, title].join("\0")));
  const open = inner.toSorted((a, b) => endMs(b) - endMs(a));
  const path: EventOf<"phase">[] = [];
  let moment = Number.POSITIVE_INFINITY;
  for (const phase of open) {
    if (endMs(phase) > moment + slackMs) continue;
    path.unshift(phase);
    moment = endMs(phase) - phase.durationMs;
  }
  return path;
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
