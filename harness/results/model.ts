import type { CaseStatus } from "../core/status.ts";
import { brokenAssertions } from "./broken-assertions.ts";
import { emptyCounts, type StatusCounts } from "./counts.ts";
import { entriesOf, eventsOf, type EventOf, type RunEvent, type Verdict } from "./events.ts";
import type { CitedClause, CitedDeviation, PlannedCase } from "./run-facts.ts";
import { conformance, type Conformance } from "./gate.ts";
import { isExcuse } from "./judge.ts";
import { judgeRecord } from "./judge-record.ts";
import { mergeLevels, type SriovLevel } from "./sriov-levels.ts";
import { timeline, type Timeline } from "./timeline.ts";
import { runTimes, type RunTimes } from "./times.ts";

/** One case as every report shows it. */
export interface CaseModel extends Omit<PlannedCase, "clauses"> {
  readonly clauses: readonly CitedClause[];
  readonly verdict: Verdict;
  /** All attempts, in order, each with the time it ended; none if the case never ended. */
  readonly attempts: readonly EventOf<"case-ended">[];
  /** The attempt that speaks for the case: the last that did not pass, else the last. */
  readonly shown: EventOf<"case-ended"> | undefined;
  /** Violations that a pod of the case, or its clause, has part in. */
  readonly violations: readonly EventOf<"violation">[];
  /** What did not hold: ids of assertions and invariants, see `brokenAssertions`. */
  readonly broken: readonly string[];
  readonly durationMs: number;
  /** Levels of simulated SR-IOV that it ran on; none for a case without VFs. */
  readonly sriovLevels: readonly SriovLevel[];
  /** Paths relative to the record, those of its violations included. */
  readonly evidence: readonly string[];
}

export interface LevelModel {
  readonly ids: readonly string[];
  /** Cases of the level that have nothing to ask the plugin under test: they neither count nor are missed. */
  readonly notApplicable: readonly string[];
  /** Cases of the level that were not chosen for this run. */
  readonly notSelected: readonly string[];
  readonly counts: StatusCounts;
  /** Undefined for a level without cases. */
  readonly conformance: Conformance | undefined;
}

export interface InvariantModel {
  readonly invariant: string;
  readonly pods: number;
  readonly checks: number;
  readonly violations: number;
}

export interface DeviationModel extends CitedDeviation {
  /** Cases whose verdict rests on the entry. */
  readonly seenIn: readonly string[];
  readonly fixedIn: readonly string[];
}

/** A run, folded from its events. All reports read this and nothing else. */
export interface RunModel {
  readonly started: EventOf<"run-started">;
  readonly testbed: EventOf<"testbed"> | undefined;
  readonly subjects: readonly EventOf<"subject">["subject"][];
  readonly cases: readonly CaseModel[];
  readonly counts: StatusCounts;
  readonly touched: readonly string[];
  /** Both undefined where the run had no profile. */
  readonly core: LevelModel | undefined;
  readonly extended: LevelModel | undefined;
  readonly invariants: readonly InvariantModel[];
  readonly deviations: readonly DeviationModel[];
  /** What the nodes had that they had not before, or no longer; one entry a node. */
  readonly ledger: readonly EventOf<"ledger">[];
  readonly cleanupFailures: readonly string[];
  readonly interrupted: string | undefined;
  /** Undefined if the record stops before the end of the run: the process died. */
  readonly ended: EventOf<"run-ended"> | undefined;
  readonly times: RunTimes;
  readonly timeline: Timeline;
}

/**
 * Folds a record that `readRecord` has accepted.
 * @param events the first of them is `run-started`
 */
export function foldEvents(events: readonly RunEvent[]): RunModel {
  const [started] = eventsOf(events, "run-started");
  if (!started) throw new Error("a record begins with run-started");
  const testbed = eventsOf(events, "testbed").at(-1);
  const verdicts = verdictsOf(events, started);
  const cases = casesOf(events, { started, verdicts });
  const statusOf = new Map(cases.map(({ id, verdict }) => [id, verdict.status]));
  const foreign = new Set(cases.filter(({ verdict }) => verdict.skip?.code === "SKIP_PLUGIN_ROLE").map(({ id }) => id));
  return {
    started,
    testbed,
    subjects: eventsOf(events, "subject").map(({ subject }) => subject),
    cases,
    counts: countOf(cases.map(({ verdict }) => verdict.status)),
    touched: cases.filter(({ verdict }) => verdict.touched).map(({ id }) => id),
    core: started.profile && levelOf(started.profile.core, statusOf, foreign),
    extended: started.profile && levelOf(started.profile.extended, statusOf, foreign),
    invariants: invariantsOf(events),
    deviations: (testbed?.deviations ?? []).map((cited) => deviationOf(cited, cases)),
    ledger: eventsOf(events, "ledger"),
    cleanupFailures: eventsOf(events, "cleanup-failed").map(({ message }) => message),
    interrupted: eventsOf(events, "interrupted")[0]?.signal,
    ended: eventsOf(events, "run-ended").at(-1),
    times: runTimes(events),
    timeline: timeline(events),
  };
}

/**
 * A run that died, or whose disk was full, wrote no verdicts or not all of them: then the others are told by what the record
 * has of their cases.
 */
function verdictsOf(events: readonly RunEvent[], started: EventOf<"run-started">): readonly Verdict[] {
  const written = eventsOf(events, "verdict");
  if (eventsOf(events, "run-ended").length > 0) return written;
  const given = new Set(written.map(({ caseId }) => caseId));
  return [...written, ...judgeRecord(events, started).filter(({ caseId }) => !given.has(caseId))];
}

interface Judged {
  readonly started: EventOf<"run-started">;
  readonly verdicts: readonly Verdict[];
}

function casesOf(events: readonly RunEvent[], { started, verdicts }: Judged): readonly CaseModel[] {
  const clauses = new Map(started.clauses.map((clause) => [clause.id, clause]));
  const ends = eventsOf(events, "case-ended");
  const violations = eventsOf(events, "violation");
  const { selection, judging } = started;
  const applying = (eventsOf(events, "testbed").at(-1)?.deviations ?? []).filter(isExcuse);
  const broken = brokenAssertions({ selection, judging, applying, caseEnds: ends, violations, verdicts });
  return verdicts.map((verdict) => {
    const { caseId } = verdict;
    const planned = started.planned.find(({ id }) => id === caseId) ?? unplanned(caseId);
    const attempts = ends.filter((end) => end.caseId === caseId);
    const own = violations.filter((v) => v.madeBy.includes(caseId) || v.violation.clauseCase === caseId);
    const evidence = [...attempts.flatMap((end) => end.evidence), ...own.flatMap((v) => v.evidence)];
    return {
      ...planned,
      clauses: planned.clauses.flatMap((id) => clauses.get(id) ?? []),
      verdict,
      attempts,
      shown: attempts.findLast(({ outcome }) => outcome !== "passed") ?? attempts.at(-1),
      violations: own,
      broken: broken.get(caseId) ?? [],
      sriovLevels: mergeLevels(attempts.map(({ sriovLevels }) => sriovLevels)),
      durationMs: attempts.reduce((sum, end) => sum + end.durationMs, 0),
      evidence: [...new Set(evidence)],
    };
  });
}

/** A case that was not chosen, but whose clause was seen broken by a pod that no chosen case answers for. */
function unplanned(id: string): PlannedCase {
  return { id, revision: 1, title: "not chosen for this run", suite: "invariants", level: "extended", clauses: [] };
}

function countOf(statuses: readonly CaseStatus[]): StatusCounts {
  const counts = emptyCounts();
  for (const status of statuses) counts[status]++;
  return counts;
}

function levelOf(
  named: readonly string[],
  statusOf: ReadonlyMap<string, CaseStatus>,
  foreign: ReadonlySet<string>,
): LevelModel {
  const ids = named.filter((id) => !foreign.has(id));
  return {
    ids,
    notApplicable: named.filter((id) => foreign.has(id)),
    notSelected: ids.filter((id) => !statusOf.has(id)),
    counts: countOf(ids.flatMap((id) => statusOf.get(id) ?? [])),
    conformance: ids.length === 0 ? undefined : conformance(ids, statusOf),
  };
}

function invariantsOf(events: readonly RunEvent[]): readonly InvariantModel[] {
  return eventsOf(events, "invariant-summary").map(({ invariant, pods, checks, violations }) => {
    return { invariant, pods, checks, violations };
  });
}

function deviationOf(cited: CitedDeviation, cases: readonly CaseModel[]): DeviationModel {
  const resting = cases.filter(({ verdict }) => entriesOf(verdict).includes(cited.id));
  const idsOf = (status: CaseStatus): string[] =>
    resting.filter(({ verdict }) => verdict.status === status).map(({ id }) => id);
  return { ...cited, seenIn: idsOf("known"), fixedIn: idsOf("fixed") };
}
