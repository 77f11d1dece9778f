import type { CaseStatus } from "../../harness/core/status.ts";
import type { CaseModel, RunModel } from "../../harness/results/model.ts";
import { changedTimes, type ChangedTimes } from "./changed-times.ts";
import { changedSubjects, type ChangedSubject } from "./changed-subjects.ts";

/** One case in two runs. */
export interface ComparedCase {
  readonly id: string;
  readonly title: string;
  /** Undefined where the case was not chosen. */
  readonly before: CaseStatus | undefined;
  readonly after: CaseStatus | undefined;
  /** What did not hold, by the ids of assertions. */
  readonly brokenBefore: readonly string[];
  readonly brokenAfter: readonly string[];
  /** Why it has the status that it has now; the older one for a case that is in the older run alone. */
  readonly reason: string;
}

/** Two runs, held against each other; every case of either that differs, or fails in both, is in exactly one list. */
export interface Comparison {
  readonly before: ComparedRun;
  readonly after: ComparedRun;
  /** Fail now and did not before, be it that they passed, gave no answer or were not run. */
  readonly newFailures: readonly ComparedCase[];
  /** Failed before, and fail now by an assertion that held, or was not reached, before. */
  readonly newReasons: readonly ComparedCase[];
  /** Failed or were known before, and pass now. */
  readonly fixed: readonly ComparedCase[];
  /** Fail by nothing that did not fail before. */
  readonly stillFailing: readonly ComparedCase[];
  /** Any other change of status, e.g. to skipped, error or known. */
  readonly otherChanges: readonly ComparedCase[];
  /** Judge otherwise than they did before, so that their answers cannot be compared. */
  readonly revised: readonly (ComparedCase & { readonly revisions: readonly [number, number] })[];
  readonly onlyBefore: readonly ComparedCase[];
  /** Those that fail are new failures. */
  readonly onlyAfter: readonly ComparedCase[];
  readonly times: ChangedTimes;
  readonly subjects: readonly ChangedSubject[];
}

export interface ComparedRun {
  readonly runId: string;
  readonly stack: string;
  readonly suiteVersion: string;
  readonly suiteDigest: string;
  readonly profile: string | undefined;
  readonly conformance: string | undefined;
  readonly complete: boolean;
}

/** Holds two runs against each other. Both are folded from their records. */
export function compareRuns(before: RunModel, after: RunModel): Comparison {
  const pairs = pairsOf(before, after);
  const comparable = pairs.filter((pair) => !isRevised(pair));
  const lists = new Map<Kind, ComparedCase[]>();
  for (const pair of comparable) {
    const kind = kindOf(pair);
    lists.set(kind, [...(lists.get(kind) ?? []), compared(pair)]);
  }
  const list = (kind: Kind): readonly ComparedCase[] => lists.get(kind) ?? [];
  return {
    before: runOf(before),
    after: runOf(after),
    newFailures: list("newFailures"),
    newReasons: list("newReasons"),
    fixed: list("fixed"),
    stillFailing: list("stillFailing"),
    otherChanges: list("otherChanges"),
    revised: pairs.filter(isRevised).map((pair) => ({
      ...compared(pair),
      revisions: [pair.old?.revision ?? 0, pair.now?.revision ?? 0] as const,
    })),
    onlyBefore: list("onlyBefore"),
    onlyAfter: list("onlyAfter"),
    times: changedTimes(comparable),
    subjects: changedSubjects(before.subjects, after.subjects),
  };
}

/** Whether the newer run has a failure that the older has not. */
export function hasNewFailures({ newFailures, newReasons }: Comparison): boolean {
  return newFailures.length + newReasons.length > 0;
}

/** Cases that said something of the subject and now are errors: of them it is not known whether they fail. */
export function lostAnswers({ otherChanges }: Comparison): readonly ComparedCase[] {
  const saysNothing: readonly unknown[] = ["error", "skipped"];
  return otherChanges.filter(({ before, after }) => after === "error" && !saysNothing.includes(before));
}

interface Pair {
  readonly old: CaseModel | undefined;
  readonly now: CaseModel | undefined;
}

function pairsOf(before: RunModel, after: RunModel): readonly Pair[] {
  const olds = new Map(before.cases.map((entry) => [entry.id, entry]));
  const news = new Map(after.cases.map((entry) => [entry.id, entry]));
  const ids = [...new Set([...olds.keys(), ...news.keys()])].toSorted();
  return ids.map((id) => ({ old: olds.get(id), now: news.get(id) }));
}

function isRevised({ old, now }: Pair): boolean {
  return old !== undefined && now !== undefined && old.revision !== now.revision;
}

type Kind =
  "newFailures" | "newReasons" | "fixed" | "stillFailing" | "otherChanges" | "onlyBefore" | "onlyAfter" | "same";

function kindOf({ old, now }: Pair): Kind {
  if (!now) return "onlyBefore";
  if (!old) return isFailing(now) ? "newFailures" : "onlyAfter";
  if (isFailing(now)) {
    if (!isFailing(old)) return "newFailures";
    return now.broken.every((assertion) => old.broken.includes(assertion)) ? "stillFailing" : "newReasons";
  }
  if (isPassing(now) && (isFailing(old) || old.verdict.status === "known")) return "fixed";
  const isSame = now.verdict.status === old.verdict.status && now.broken.join() === old.broken.join();
  return isSame ? "same" : "otherChanges";
}

function isFailing({ verdict }: CaseModel): boolean {
  return verdict.status === "failed" || verdict.status === "flaky";
}

/** A case is `fixed` that passes although an entry of the deviations says otherwise. */
function isPassing({ verdict }: CaseModel): boolean {
  return verdict.status === "passed" || verdict.status === "fixed";
}

function compared({ old, now }: Pair): ComparedCase {
  const shown = now ?? old;
  return {
    id: shown?.id ?? "",
    title: shown?.title ?? "",
    before: old?.verdict.status,
    after: now?.verdict.status,
    brokenBefore: old?.broken ?? [],
    brokenAfter: now?.broken ?? [],
    reason: shown?.verdict.reason ?? "",
  };
}

function runOf({ started, core, ended }: RunModel): ComparedRun {
  const { runId, stack, suiteVersion, suiteDigest, profile } = started;
  return {
    runId,
    stack,
    suiteVersion,
    suiteDigest,
    profile: profile?.name,
    conformance: core?.conformance,
    complete: ended !== undefined,
  };
}
