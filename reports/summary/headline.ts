import type { RunModel } from "../../harness/results/model.ts";

export interface Headline {
  readonly good: boolean;
  /** `NOT PASSED (exit 1)` */
  readonly verdict: string;
  /** Empty where the verdict says it all. */
  readonly reason: string;
  /** Both in one line. */
  readonly text: string;
}

/** The verdict in one line: the gate, and why. */
export function headline(model: RunModel): Headline {
  const { started, ended, interrupted, counts } = model;
  if (interrupted !== undefined) return said(false, `INTERRUPTED by ${interrupted}`);
  if (!ended) return said(false, "INCOMPLETE", "the record stops before the end of the run");
  if (ended.exitCode === 0) {
    // a case may rest on several; older records do not name them
    const known = model.deviations.filter(({ seenIn }) => seenIn.length > 0).length || counts.known;
    const rest = known > 0 ? `; ${known} known deviation${known === 1 ? "" : "s"}` : "";
    const old = model.cases.filter(({ verdict }) => verdict.inBaseline).length;
    if (old === 0) return said(true, "PASSED", `nothing unexpected${rest}`);
    const since = `nothing new since the baseline ${started.baseline?.runId ?? ""}`;
    return said(true, "PASSED", `${since}; ${old} that did not hold there either${rest}`);
  }
  return said(false, `NOT PASSED (exit ${ended.exitCode})`, ended.causes.join("; "));
}

function said(good: boolean, verdict: string, reason = ""): Headline {
  return { good, verdict, reason, text: reason === "" ? verdict : `${verdict}: ${reason}` };
}

/** `known from the baseline RUN: STA-005 failed, TD-001 flaky`; undefined for a run without one. */
export function baselineText({ started, cases }: RunModel): string | undefined {
  const { baseline } = started;
  if (!baseline) return undefined;
  const place = baseline.stack === started.stack ? baseline.runId : `${baseline.runId} on ${baseline.stack}`;
  const old = cases.filter(({ verdict }) => verdict.inBaseline).map(({ id, verdict }) => `${id} ${verdict.status}`);
  return `known from the baseline ${place}: ${old.join(", ") || "nothing that fails here"}`;
}

/** `core not conformant (12 of 13 passed)`; undefined for a run without a profile. */
export function conformanceText({ started, core, extended }: RunModel): string | undefined {
  if (!started.profile) return undefined;
  const levels = Object.entries({ core, extended }).flatMap(([name, level]) => {
    if (!level?.conformance) return [];
    const passed = level.counts.passed + level.counts.fixed;
    const left = level.notSelected.length > 0 ? `, ${level.notSelected.length} not run` : "";
    const foreign = level.notApplicable.length > 0 ? `, ${level.notApplicable.length} not applicable` : "";
    return [
      `${name} ${level.conformance.replace("-", " ")} (${passed} of ${level.ids.length} passed${left}${foreign})`,
    ];
  });
  return `profile ${started.profile.name}: ${levels.join(", ") || "no cases"}`;
}

/** `my-cni v1.2.0 (built here), sha256:...`: what the run was asked to qualify; undefined if that is the stack itself. */
export function underTestText({ subjects }: RunModel): string | undefined {
  const subject = subjects.find(({ role }) => role === "under test");
  return subject && `${subject.name} ${subject.version} (${subject.origin}) of ${subject.source}, ${subject.digest}`;
}

/** The rest, which is pinned: `multus v4.3.0 (built here), kubernetes v1.34.4 (built here)` */
export function subjectsText({ subjects }: RunModel): string {
  return subjects
    .filter(({ role }) => role === undefined)
    .map(({ name, version, origin }) => `${name} ${version} (${origin})`)
    .join(", ");
}

/** One line a run, e.g. `four-sources: 26 pods, 312 checks, no violation`. */
export function invariantTexts({ invariants }: RunModel): readonly string[] {
  return invariants.map(({ invariant, pods, checks, violations }) => {
    const found = violations === 0 ? "no violation" : `${violations} violation${violations === 1 ? "" : "s"}`;
    return `${invariant}: ${pods} pods, ${checks} checks, ${found}`;
  });
}

export interface TimesText {
  readonly total: string;
  /** The phases that the run waited for, in order; those under a twentieth of the whole are left out. */
  readonly path: string;
  readonly slowestCases: string;
}

export function timesText({ times }: RunModel): TimesText {
  const first = times.firstVerdictMs === undefined ? "" : `, first verdict after ${shortTime(times.firstVerdictMs)}`;
  const long = times.criticalPath.filter(({ durationMs }) => durationMs * 20 >= times.totalMs);
  return {
    total: `${shortTime(times.totalMs)}${first}`,
    path: long.map(({ title, durationMs }) => `${title} ${shortTime(durationMs)}`).join(" > "),
    slowestCases: times.slowestCases
      .slice(0, 3)
      .map(({ caseId, durationMs }) => `${caseId} ${shortTime(durationMs)}`)
      .join(", "),
  };
}

/** `52.4 s`, `1 min 41 s` */
export function shortTime(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 99.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, "0")} s`;
}
