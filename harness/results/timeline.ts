import type { EventOf, RunEvent } from "./events.ts";

/** A stretch of a run; both times in milliseconds, the first from the start of the run on. */
interface Span {
  readonly startMs: number;
  readonly durationMs: number;
}

export interface PhaseSpan extends Span {
  readonly title: string;
  readonly parents: readonly string[];
  readonly status: EventOf<"phase">["status"];
  readonly detail: string | undefined;
}

/** One attempt at a case on its lane; unlike the case's own time, its wait for shared pods is in it. */
export interface CaseSpan extends Span {
  readonly caseId: string;
  readonly lane: number;
}

export interface Timeline {
  /** Each after the phase that it is part of, else by their starts. Phases of single cases are left out: see `cases`. */
  readonly phases: readonly PhaseSpan[];
  /** By lane, then by start. */
  readonly cases: readonly CaseSpan[];
}

/** What went on when. */
export function timeline(events: readonly RunEvent[]): Timeline {
  const originMs = Date.parse(events[0]?.at ?? "");
  const cases = caseSpans(events, originMs);
  const ids = new Set(cases.map(({ caseId }) => caseId));
  const phases = events
    .filter((event) => event.type === "phase")
    .filter(({ title, parents = [] }) => parents.length === 0 || !ids.has(title))
    .map((event) => phaseSpan(event, originMs));
  return { phases: nested(phases), cases };
}

/** A phase event is written when the phase ends, so its start is reckoned back. */
function phaseSpan(event: EventOf<"phase">, originMs: number): PhaseSpan {
  const { title, parents = [], status, durationMs, detail } = event;
  const startMs = Math.max(0, Date.parse(event.at) - originMs - durationMs);
  return { title, parents, status, detail, startMs, durationMs };
}

function nested(phases: readonly PhaseSpan[]): readonly PhaseSpan[] {
  const early = phases.toSorted((a, b) => a.startMs - b.startMs);
  const keys = new Set(phases.map(keyOf));
  const below = (key: string): readonly PhaseSpan[] =>
    early.filter(({ parents }) => parents.length > 0 && parents.join("\0") === key);
  const withChildren = (phase: PhaseSpan): readonly PhaseSpan[] => [
    phase,
    ...below(keyOf(phase)).flatMap(withChildren),
  ];
  // In the record of a run that died, the phases around the last ones never ended.
  const outermost = early.filter(({ parents }) => parents.length === 0 || !keys.has(parents.join("\0")));
  // A title that comes twice has its inner phases once.
  return [...new Set(outermost.flatMap(withChildren))];
}

function keyOf({ title, parents }: PhaseSpan): string {
  return [...parents, title].join("\0");
}

function caseSpans(events: readonly RunEvent[], originMs: number): readonly CaseSpan[] {
  const begunMs = new Map<string, number>();
  const spans: CaseSpan[] = [];
  for (const event of events) {
    if (event.type === "case-started") begunMs.set(event.caseId, Date.parse(event.at));
    if (event.type !== "case-ended") continue;
    const endMs = Date.parse(event.at);
    const startMs = begunMs.get(event.caseId) ?? endMs - event.durationMs;
    begunMs.delete(event.caseId);
    const { caseId, lane } = event;
    spans.push({ caseId, lane, startMs: Math.max(0, startMs - originMs), durationMs: endMs - startMs });
  }
  return spans.toSorted((a, b) => a.lane - b.lane || a.startMs - b.startMs);
}
