import { applyingDeviations, signatureMatches, type Deviation } from "../plan/deviations.ts";
import { brokenClaims, violationAssertion, type RecordedViolation } from "./case-outcome.ts";
import type { CaseEnd, Verdict, ViolationFound } from "./events.ts";
import type { CitedDeviation, Judging, StackFacts } from "./run-facts.ts";

export interface JudgeInput {
  /** Ids of the chosen cases; every one gets a verdict. */
  readonly selection: readonly string[];
  /** All attempts; several for a case that was repeated. */
  readonly caseEnds: readonly CaseEnd[];
  readonly violations: readonly ViolationFound[];
  readonly deviations: readonly Deviation[];
  /** Undefined if the run ended before the testbed stood: then no entry applies. */
  readonly facts: StackFacts | undefined;
  readonly interrupted: boolean;
  /** The rules of the record. */
  readonly judging: Judging | undefined;
  /** Why the run ended before all cases did, if it was no interrupt. */
  readonly aborted?: string | undefined;
}

interface Judgement extends Pick<Verdict, "status" | "reason" | "via" | "deviation" | "alsoKnown" | "skip"> {}

/**
 * The final status of every chosen case, in the order of the selection.
 *
 * A violation fails the case that carries its clause if that case ran, else the cases whose pod it is, so that no
 * violation is lost; the cases whose pod it is are else only marked touched. One that an entry documents is that of the
 * entry's case, whether or not it was chosen: a pod of another one shows what is known of its subject, and no more. `known` needs an entry for this testbed
 * whose signature fits every single thing that went wrong. A case with such an entry that passes is `fixed`. Attempts
 * that disagree make a case `flaky`.
 */
export function finalVerdicts(input: JudgeInput): readonly Verdict[] {
  const { facts } = input;
  const applying = facts ? applyingDeviations(input.deviations, facts) : [];
  return verdictsUnder(applying, input);
}

/** The part of a deviation entry that verdicts rest on. */
export type Excuse = Pick<Deviation, "id" | "case" | "title" | "signature">;

/** Whether a record tells enough of an entry to judge by it: older ones have no signatures. */
export function isExcuse(cited: CitedDeviation): cited is CitedDeviation & Excuse {
  return cited.signature !== undefined;
}

/** The same where the entries that apply are known, as they stand in the record. */
export function verdictsUnder(
  applying: readonly Excuse[],
  input: Omit<JudgeInput, "deviations" | "facts">,
): readonly Verdict[] {
  const borne = bearers(input, carrying(input.judging, applying));
  const all = [...new Set([...input.selection, ...borne.keys()])];
  return all.map((caseId) => {
    const ends = input.caseEnds.filter((end) => end.caseId === caseId);
    const carried = borne.get(caseId) ?? [];
    const own =
      ends.length > 0
        ? judgeAttempts(ends, applying)
        : input.selection.includes(caseId)
          ? neverEnded(input)
          : NOT_CHOSEN;
    const judged = withViolations(own, carried, applying);
    const touched = input.violations.some((found) => found.madeBy.includes(caseId) && !carried.includes(found));
    return { type: "verdict", caseId, touched, ...withFixed(judged, caseId, applying) };
  });
}

const NOT_CHOSEN: Judgement = { status: "skipped", via: "invariant", reason: "the case was not chosen" };

/** The entries whose cases answer for what they document. @param applying those that apply to the testbed */
export function carrying<T extends Excuse>(judging: Judging | undefined, applying: readonly T[]): readonly T[] {
  return judging === undefined ? [] : applying;
}

/** Which violations each case answers for. @param entries of `carrying` */
export function bearers(
  { selection, caseEnds, violations }: Pick<JudgeInput, "selection" | "caseEnds" | "violations">,
  entries: readonly Excuse[],
): ReadonlyMap<string, readonly ViolationFound[]> {
  const ran = new Set(caseEnds.filter(({ outcome }) => outcome !== "skipped").map(({ caseId }) => caseId));
  const borne = new Map<string, ViolationFound[]>();
  for (const found of violations) {
    const { clauseCase } = found.violation;
    const makers = found.madeBy.filter((id) => selection.includes(id));
    const isCarried =
      (selection.includes(clauseCase) && ran.has(clauseCase)) || knownViolation(found.violation, entries) !== undefined;
    for (const id of isCarried || makers.length === 0 ? [clauseCase] : makers) {
      borne.set(id, [...(borne.get(id) ?? []), found]);
    }
  }
  return borne;
}

function judgeAttempts(ends: readonly CaseEnd[], deviations: readonly Excuse[]): Judgement {
  const judgements = ends.map((end) => judgeEnd(end, deviations));
  const statuses = new Set(judgements.map(({ status }) => status));
  // A skip or an error says nothing of the subject: only the others can disagree.
  const telling = [...statuses].filter((status) => status !== "error" && status !== "skipped");
  if (telling.length > 1) {
    const seen = judgements.map(({ status }) => status).join(", ");
    return { status: "flaky", via: "case", reason: `${ends.length} attempts disagree: ${seen}` };
  }
  const deciding = statuses.has("failed") ? "failed" : statuses.has("error") ? "error" : (telling[0] ?? "skipped");
  return judgements.find(({ status }) => status === deciding) ?? error("no attempt at the case was judged");
}

function neverEnded({ interrupted, aborted }: Pick<JudgeInput, "interrupted" | "aborted">): Judgement {
  if (!interrupted) {
    return error(
      aborted === undefined ? "the case never ended: its lane was lost" : `the run ended before the case: ${aborted}`,
    );
  }
  const text = "the run was interrupted before the case ended";
  return { status: "skipped", via: "case", reason: text, skip: { code: "SKIP_INTERRUPTED", text } };
}

/** The known deviation that one end of a case is, before its pods' violations are counted: for who watches the run. */
export function knownAs(end: CaseEnd, deviations: readonly Deviation[], facts: StackFacts): Deviation | undefined {
  const applying = applyingDeviations(deviations, facts);
  const id = judgeEnd(end, applying).deviation;
  return applying.find((deviation) => deviation.id === id);
}

function judgeEnd({ outcome, failure, skip }: CaseEnd, deviations: readonly Excuse[]): Judgement {
  if (outcome === "passed") return { status: "passed", via: "case", reason: "all assertions held" };
  if (outcome === "skipped") {
    return skip
      ? { status: "skipped", via: "case", reason: skip.text, skip }
      : error("the case was skipped without a reason");
  }
  if (!failure) return error(`the case ended as ${outcome} without saying what failed`);
  // The kind of the failure decides whose fault it is, whatever the lane called it.
  if (failure.kind !== "subject") return error(failure.message);
  const judged = brokenClaims(failure).map((claim) => ({
    claim,
    known: deviations.find(({ signature }) => signatureMatches(signature, claim)),
  }));
  const unknown = judged.filter(({ known }) => !known);
  if (unknown.length > 0) {
    return { status: "failed", via: "case", reason: unknown.map(({ claim }) => claim.message).join("; and ") };
  }
  const reason = judged.map(({ claim, known }) => `${claim.message}; known: ${known?.title}`).join("; and ");
  const [deviation, ...alsoKnown] = new Set(judged.flatMap(({ known }) => known?.id ?? []));
  return { status: "known", via: "case", reason, deviation, ...(alsoKnown.length > 0 ? { alsoKnown } : {}) };
}

function error(reason: string): Judgement {
  return { status: "error", via: "case", reason };
}

function withViolations(own: Judgement, carried: readonly ViolationFound[], deviations: readonly Excuse[]): Judgement {
  const judged = carried.map(({ violation }) => ({ violation, known: knownViolation(violation, deviations) }));
  const unknown = judged.filter(({ known }) => !known);
  const [first] = unknown;
  if (first) {
    const what = `${describe(first.violation)}${more(unknown.length)}`;
    if (own.status === "failed") return { ...own, reason: `${own.reason}; and ${what}` };
    const before = own.status === "passed" || own.status === "skipped" ? "" : `; and ${own.status}: ${own.reason}`;
    return { status: "failed", via: "invariant", reason: `${what}${before}` };
  }
  const [seen] = judged;
  if (!seen?.known || (own.status !== "passed" && own.status !== "skipped")) return own;
  const reason = `${describe(seen.violation)}${more(judged.length)}; known: ${seen.known.title}`;
  return { status: "known", via: "invariant", reason, deviation: seen.known.id };
}

function knownViolation(violation: RecordedViolation, deviations: readonly Excuse[]): Excuse | undefined {
  const failure = { assertion: violationAssertion(violation), observed: violation };
  return deviations.find(({ signature }) => signatureMatches(signature, failure));
}

function describe({ invariant, clauseCase, pod, message }: RecordedViolation): string {
  return `invariant ${invariant} (clause of ${clauseCase}) on pod ${pod}: ${message}`;
}

function more(count: number): string {
  return count > 1 ? ` (and ${count - 1} more)` : "";
}

function withFixed(judged: Judgement, caseId: string, deviations: readonly Excuse[]): Judgement {
  const entry = judged.status === "passed" && deviations.find((deviation) => deviation.case === caseId);
  if (!entry) return judged;
  const reason = `passed although ${entry.id} says that these versions do not: correct the entry`;
  return { ...judged, status: "fixed", deviation: entry.id, reason };
}
