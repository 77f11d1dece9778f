import type { CaseModel } from "../../harness/results/model.ts";

/** What a difference in time must exceed to count, beside the pace of the whole run. */
export const NOISE = { factor: 1.5, ms: 1000, casesForPace: 10 } as const;

export interface ChangedTime {
  readonly id: string;
  /** Median of the attempts. */
  readonly beforeMs: number;
  readonly afterMs: number;
}

export interface ChangedTimes {
  /** How much longer the cases took as a whole: the median over those that passed in both; 1 where they are too few. */
  readonly pace: number;
  /** Furthest from the pace first. */
  readonly slower: readonly ChangedTime[];
  readonly faster: readonly ChangedTime[];
}

interface Pair {
  readonly old: CaseModel | undefined;
  readonly now: CaseModel | undefined;
}

interface Timed extends ChangedTime {
  readonly before: readonly number[];
  readonly after: readonly number[];
}

/**
 * Cases whose time changed beyond noise. Only those that passed in both runs are looked at: one that fails waits for what
 * never comes. A host may be slower as a whole, so the older times are first multiplied by the pace, if there are 10 cases to
 * tell it from. Then the time must differ by more than half and by more than a second, and where a case has several attempts
 * in a run, no attempt of one run may be on the wrong side of one of the other.
 */
export function changedTimes(pairs: readonly Pair[]): ChangedTimes {
  const timed = pairs.flatMap(timesOf);
  const pace = timed.length < NOISE.casesForPace ? 1 : median(timed.map(({ beforeMs, afterMs }) => afterMs / beforeMs));
  const paced = timed.map((entry) => ({ entry, ratio: entry.afterMs / (entry.beforeMs * pace) }));
  const slower = paced.filter(({ entry, ratio }) => ratio > NOISE.factor && isBeyond(entry.before, entry.after, pace));
  const faster = paced.filter(
    ({ entry, ratio }) => ratio < 1 / NOISE.factor && isBeyond(entry.after, entry.before, 1 / pace),
  );
  return {
    pace,
    slower: slower.toSorted((a, b) => b.ratio - a.ratio).map(({ entry }) => plain(entry)),
    faster: faster.toSorted((a, b) => a.ratio - b.ratio).map(({ entry }) => plain(entry)),
  };
}

/** Whether all of `more` are above all of `less` at this pace, by more than what is noise. */
function isBeyond(less: readonly number[], more: readonly number[], pace: number): boolean {
  return Math.min(...more) > Math.max(...less) * pace && median(more) - median(less) * pace > NOISE.ms;
}

function timesOf({ old, now }: Pair): readonly Timed[] {
  if (!old || !now || !passed(old) || !passed(now)) return [];
  const before = old.attempts.map(({ durationMs }) => durationMs);
  const after = now.attempts.map(({ durationMs }) => durationMs);
  const [beforeMs, afterMs] = [median(before), median(after)];
  return beforeMs > 0 && afterMs > 0 ? [{ id: old.id, beforeMs, afterMs, before, after }] : [];
}

function passed({ verdict }: CaseModel): boolean {
  return verdict.status === "passed" || verdict.status === "fixed";
}

function plain({ id, beforeMs, afterMs }: Timed): ChangedTime {
  return { id, beforeMs: Math.round(beforeMs), afterMs: Math.round(afterMs) };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return ((low ?? 0) + (high ?? 0)) / 2;
}
