import { casesText } from "../../harness/results/counts.ts";
import type { RunModel } from "../../harness/results/model.ts";
import type { TimedPhase } from "../../harness/results/times.ts";
import type { CaseSpan, PhaseSpan } from "../../harness/results/timeline.ts";
import { shortTime } from "../summary/headline.ts";
import { markup, type Content, type Html } from "./markup.ts";
import { prose } from "./prose.ts";
import { bars, pageSection, type Bar } from "./parts.ts";

const SLOWEST = 8;
/** Phases of the path that take less of the whole than this are told as one. */
const SHORT_SHARE = 0.02;

/** Where the time went: what the run waited for, what ran beside it, and the slowest cases. */
export function timesSection(model: RunModel): Content {
  const { times } = model;
  const first =
    times.firstVerdictMs === undefined ? "" : `, the first verdict after ${shortTime(times.firstVerdictMs)}`;
  return pageSection("times", markup`Times <small>${shortTime(times.totalMs)} in all${first}</small>`, [
    markup`<div class="columns">${[waitedFor(model), slowest(model)]}</div>`,
    chart(model),
  ]);
}

function waitedFor({ times }: RunModel): Content {
  const { criticalPath, totalMs } = times;
  if (criticalPath.length === 0) return undefined;
  const long = criticalPath.filter(({ durationMs }) => durationMs >= totalMs * SHORT_SHARE);
  const short = criticalPath.filter((phase) => !long.includes(phase));
  const restMs = short.reduce((sum, { durationMs }) => sum + durationMs, 0);
  const rows = long.map(({ title, durationMs }) => ({ name: title, durationMs }));
  const rest = short.length > 0 ? [{ name: `${short.length} shorter ones between them`, durationMs: restMs }] : [];
  return markup`<div><h3>What the run waited for</h3><p class="note">In order; to shorten anything else gains nothing.</p>${barList([...rows, ...rest], "waited")}</div>`;
}

function slowest({ times, cases }: RunModel): Content {
  const rows = times.slowestCases.slice(0, SLOWEST).map(({ caseId, durationMs }) => {
    const title = cases.find(({ id }) => id === caseId)?.title ?? "";
    return { name: markup`<a href="#case-${caseId}">${caseId}</a> ${prose(title)}`, durationMs };
  });
  if (rows.length === 0) return undefined;
  return markup`<div><h3>Slowest cases</h3><p class="note">Their own time, without the wait for pods that they share.</p>${barList(rows, "case")}</div>`;
}

interface Row {
  readonly name: Content;
  readonly durationMs: number;
}

function barList(rows: readonly Row[], kind: string): Html {
  const longestMs = Math.max(1, ...rows.map(({ durationMs }) => durationMs));
  return markup`<ol class="chart">${rows.map(
    ({ name, durationMs }) =>
      markup`<li><span>${name}</span>${bars([{ start: 0, length: (durationMs / longestMs) * 100, kind }])}<span class="number">${shortTime(durationMs)}</span></li>`,
  )}</ol>`;
}

/** Phases and lanes on one axis. */
function chart(model: RunModel): Content {
  const { times, timeline } = model;
  if (timeline.phases.length === 0 && timeline.cases.length === 0) return undefined;
  const share = (ms: number): number => (ms / Math.max(1, times.totalMs)) * 100;
  const path = new Set(times.criticalPath.map(keyOf));
  const lanes = [...new Set(timeline.cases.map(({ lane }) => lane))];
  const rows = [
    ...timeline.phases.map((phase) => phaseRow(phase, { share, isWaitedFor: path.has(keyOf(phase)) })),
    ...lanes.map((lane) => laneRow(model, { share, lane })),
  ];
  return markup`<h3>Timeline</h3><p class="note">Dark: what was waited for. A lane shows each case with its wait for pods.</p>
<ol class="chart timeline"><li class="axis" aria-hidden="true"><span></span>${axis(times.totalMs)}<span></span></li>${rows}</ol>`;
}

function keyOf({ title, parents, durationMs }: TimedPhase): string {
  return [...parents, title, durationMs].join("\0");
}

interface PhaseOptions {
  readonly share: (ms: number) => number;
  readonly isWaitedFor: boolean;
}

function phaseRow({ title, parents, status, detail, startMs, durationMs }: PhaseSpan, options: PhaseOptions): Html {
  const { share, isWaitedFor } = options;
  const kind = status === "failed" ? "failed" : isWaitedFor ? "waited" : "phase";
  const more = status === "done" ? "" : ` ${status}${detail === undefined ? "" : `: ${detail}`}`;
  const bar = {
    start: share(startMs),
    length: Math.max(LEAST_LENGTH, share(durationMs)),
    kind,
    title: `${title}, from ${shortTime(startMs)} on`,
  };
  return markup`<li class="depth-${Math.min(parents.length, 3)}"><span>${title}<small>${more}</small></span>${bars([bar])}<span class="number">${shortTime(durationMs)}</span></li>`;
}

interface LaneOptions {
  readonly share: (ms: number) => number;
  readonly lane: number;
}

/** In hundredths: what took next to no time was there all the same. */
const LEAST_LENGTH = 0.25;

function laneRow({ timeline, cases }: RunModel, { share, lane }: LaneOptions): Html {
  const spans = timeline.cases.filter((span) => span.lane === lane);
  const statusOf = new Map(cases.map(({ id, verdict }) => [id, verdict.status]));
  const list = spans.map(({ caseId, startMs, durationMs }: CaseSpan): Bar => {
    const kind = statusOf.get(caseId) ?? "phase";
    const title = `${caseId} ${kind}, ${shortTime(durationMs)} from ${shortTime(startMs)} on`;
    return {
      start: share(startMs),
      length: Math.max(LEAST_LENGTH, share(durationMs)),
      kind,
      title,
      href: `#case-${caseId}`,
    };
  });
  return markup`<li class="lane"><span>lane ${lane}</span>${bars(list)}<span class="number">${casesText(spans.length)}</span></li>`;
}

/** Ticks at round times, four to nine of them. */
function axis(totalMs: number): Html {
  const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200].map((seconds) => seconds * 1000);
  const stepMs = steps.find((step) => totalMs / step <= 8) ?? totalMs;
  const ticks = Array.from({ length: Math.floor(totalMs / stepMs) + 1 }, (_, i) => i * stepMs);
  const shapes = ticks.map((ms) => {
    const x = `${Number(((ms / Math.max(1, totalMs)) * 100).toFixed(2))}%`;
    const label = ms % 60_000 === 0 ? `${ms / 60_000} min` : `${ms / 1000} s`;
    return markup`<line x1="${x}" x2="${x}" y1="70%" y2="100%"/><text x="${x}" y="60%">${ms === 0 ? "0" : label}</text>`;
  });
  return markup`<svg class="axis">${shapes}</svg>`;
}
