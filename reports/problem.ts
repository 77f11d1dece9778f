import path from "node:path";
import type { CaseStatus } from "../harness/core/status.ts";
import { brokenClaims, type BrokenClaim, type CaseFailure } from "../harness/results/case-outcome.ts";
import type { ViolationFound } from "../harness/results/events.ts";
import type { CaseModel, RunModel } from "../harness/results/model.ts";
import type { CitedClause } from "../harness/results/run-facts.ts";
import { commandText, reproduceCase } from "./reproduce.ts";
import { levelTexts } from "./sriov-levels.ts";

/** One thing that did not hold. */
export interface Finding {
  /** The assertion, or the invariant with the pod and the thing. */
  readonly what: string;
  readonly message: string;
  /** Compact JSON. */
  readonly expected: string;
  readonly observed: string;
}

/** A case that needs a reader's attention, told the same way in every report. */
export interface Problem {
  /** Of several cases that are told as one, all with commas between them. */
  readonly id: string;
  readonly title: string;
  readonly status: CaseStatus;
  readonly reason: string;
  /** It did not hold in the baseline either, so it does not fail the run. */
  readonly inBaseline: boolean;
  /** What to do next, where the error knew it. */
  readonly hint: string | undefined;
  /** Whose fault it is, where an assertion or an error decided. */
  readonly kind: CaseFailure["kind"] | undefined;
  /** Id of the entry that the verdict rests on, for known and fixed. */
  readonly deviation?: string | undefined;
  readonly clauses: readonly CitedClause[];
  /** What a result on each level of simulated SR-IOV says, that the case ran on. */
  readonly levels: readonly string[];
  readonly findings: readonly Finding[];
  /** Paths, with the folder of the record before them. */
  readonly evidence: readonly string[];
  readonly reproduce: string;
}

const SHOWN = ["failed", "flaky", "fixed", "error"] as const satisfies readonly CaseStatus[];

/**
 * Failures first, our own errors last; within one status by case. Cases that tell nothing of their own, such as all of
 * them when the testbed did not come up, are told as one.
 */
export function problemsOf(model: RunModel, recordDir: string): readonly Problem[] {
  const all = SHOWN.flatMap((status) => model.cases.filter(({ verdict }) => verdict.status === status)).map((entry) =>
    problemOf(model, entry, recordDir),
  );
  const reasons = new Set(all.filter(isMute).map(({ reason }) => reason));
  const merged = [...reasons].flatMap((reason) =>
    together(
      all.filter((problem) => isMute(problem) && problem.reason === reason),
      model,
    ),
  );
  return [...all.filter((problem) => !isMute(problem)), ...merged];
}

function isMute({ status, findings, evidence }: Problem): boolean {
  return status === "error" && findings.length === 0 && evidence.length === 0;
}

function together(problems: readonly Problem[], { started }: RunModel): readonly Problem[] {
  const [first] = problems;
  if (!first || problems.length === 1) return problems;
  const id = problems.map((problem) => problem.id).join(", ");
  return [{ ...first, id, title: "for one reason", clauses: [], levels: [], reproduce: commandText(started.command) }];
}

/** One case told as a problem, whatever its status. */
export function problemOf(model: RunModel, entry: CaseModel, recordDir: string): Problem {
  const { id, title, verdict, clauses, shown } = entry;
  return {
    id,
    title,
    status: verdict.status,
    reason: verdict.reason,
    inBaseline: verdict.inBaseline ?? false,
    hint: shown?.failure?.hint,
    kind: shown?.failure?.kind,
    deviation: verdict.deviation,
    clauses,
    levels: levelTexts(entry.sriovLevels),
    findings: findingsOf(entry),
    evidence: entry.evidence.map((file) => path.posix.join(recordDir, file)),
    reproduce: reproduceCase(model, entry),
  };
}

function findingsOf(entry: CaseModel): readonly Finding[] {
  const failure = entry.shown?.failure;
  const broken = entry.violations.filter((found) => answersFor(entry, found)).map(findingOf);
  return [...(failure ? brokenClaims(failure).map(failedAssertion) : []), ...broken];
}

/** What makes a case touched: what its pods broke, but another case answers for. */
export function touchingFindings(entry: CaseModel): readonly Finding[] {
  if (!entry.verdict.touched) return [];
  return entry.violations.filter((found) => !answersFor(entry, found)).map(findingOf);
}

/** A touched case is not to blame for what its pods broke; the case of the clause is, unless it did not run. */
function answersFor({ id, verdict }: CaseModel, { violation }: ViolationFound): boolean {
  return violation.clauseCase === id || verdict.via === "invariant";
}

/** The assertion that one attempt at a case failed by. */
export function failedAssertion({ assertion, message, expected, observed }: BrokenClaim): Finding {
  return { what: assertion, message, expected: json(expected), observed: json(observed) };
}

function findingOf({ violation }: ViolationFound): Finding {
  return {
    what: `invariant ${violation.invariant} on ${violation.pod}: ${violation.thing}`,
    message: violation.message,
    expected: json(violation.expected),
    observed: json(violation.observed),
  };
}

function json(value: unknown): string {
  return JSON.stringify(value) ?? "null";
}
