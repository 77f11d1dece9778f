import type { CaseStatus } from "../core/status.ts";
import type { CaseOutcome } from "../results/case-outcome.ts";
import type { Feature } from "./detect-features.ts";

/** What a fault file promises. */
export interface ProofPromise {
  readonly fault: string;
  /** Cases that must fail, each with the assertions of which one must say so; none: any may. */
  readonly noticedBy: readonly { readonly case: string; readonly assertions: readonly string[] }[];
  /** The case that passes behind this wrapper although no release does. */
  readonly repairs?: string | undefined;
}

/** One case of a run: its status, and under which assertions it failed. */
export interface ProofCase {
  readonly status: CaseStatus;
  readonly assertions?: readonly string[] | undefined;
  /** What the case itself came to, before violations of its pods were laid to its charge. */
  readonly outcome?: CaseOutcome | undefined;
}

/** What was seen of a planted fault itself. */
export interface FaultActs {
  /** How often it did what it is there for. */
  readonly acted: number;
  /** What is to be said if it never did. */
  readonly never: string;
  /** What it should have done and could not. */
  readonly problems: readonly string[];
}

export interface ProofResult {
  readonly fault: string;
  readonly proven: boolean;
  /** Whether it did what it is there for. One that never acted proves nothing about any case: that is ours to mend. */
  readonly acted: boolean;
  /** It was not planted: this testbed lacks what it needs, or skips every case that should notice. Another one is to prove it. */
  readonly skipped?: boolean;
  /** One line a thing that was not as promised. */
  readonly problems: readonly string[];
  readonly noticedBy: readonly string[];
}

/** The same cases without and with the fault, and what it did. */
export interface ProofRuns {
  readonly baseline: ReadonlyMap<string, ProofCase>;
  readonly planted: ReadonlyMap<string, ProofCase>;
  readonly acts: FaultActs;
  /** Cases that are to notice another fault which is planted beside this one. */
  readonly ofOthers?: ReadonlySet<string>;
}

/**
 * A fault of which nothing can be seen on this testbed, since it skips all cases that the fault is for.
 * @param cases those cases
 * @returns undefined if one of them is not skipped
 */
export function skippedProof(
  fault: string,
  cases: readonly string[],
  baseline: ReadonlyMap<string, ProofCase>,
): ProofResult | undefined {
  if (!cases.every((id) => baseline.get(id)?.status === "skipped")) return undefined;
  const problems = [`this testbed skips ${cases.join(", ")}`];
  return { fault, proven: false, acted: false, skipped: true, problems, noticedBy: [] };
}

/**
 * A fault that cannot be planted on this testbed.
 * @param needs features that it needs
 * @returns undefined if all are there
 */
export function impossibleProof(
  fault: string,
  needs: readonly string[],
  features: readonly Feature[],
): ProofResult | undefined {
  const need = needs.find((name) => !features.some((feature) => feature.name === name && feature.present));
  if (need === undefined) return undefined;
  const evidence = features.find(({ name }) => name === need)?.evidence ?? "nobody looked for it";
  const problems = [`this testbed has no ${need}: ${evidence}`];
  return { fault, proven: false, acted: false, skipped: true, problems, noticedBy: [] };
}

/** Whether a planted fault was noticed by exactly the cases that its file names, for the reason that it names. */
export function judgeProof(promise: ProofPromise, { baseline, planted, acts, ofOthers }: ProofRuns): ProofResult {
  if (acts.acted === 0 || acts.problems.length > 0) {
    const problems = [...(acts.acted === 0 ? [acts.never] : []), ...new Set(acts.problems)];
    return { fault: promise.fault, proven: false, acted: false, problems, noticedBy: [] };
  }
  const changed = [...planted].filter(([id, { status }]) => !ofOthers?.has(id) && status !== baseline.get(id)?.status);
  const noticed = changed.filter(([, { status }]) => status === "failed").map(([id]) => id);
  // one that this testbed skips notices nothing here: another testbed proves that
  const expected = promise.noticedBy.filter(
    (notice) => planted.has(notice.case) && baseline.get(notice.case)?.status !== "skipped",
  );
  const problems = [
    ...expected.flatMap((notice) => {
      const before = baseline.get(notice.case)?.status;
      return before === "passed" || before === "known"
        ? noticeProblem(notice, planted.get(notice.case))
        : [`${notice.case} does not hold without the fault either: it ended as ${before ?? "never run"}`];
    }),
    ...noticed
      .filter((id) => !expected.some((notice) => notice.case === id))
      .map((id) => `${id} failed too, and the file does not say so`),
    ...changed
      .filter(([, { status }]) => status === "error")
      .map(([id]) => `${id} ended as error: the harness broke, which proves nothing`),
    ...repairProblem(promise, planted),
  ];
  if (expected.length === 0 && promise.repairs === undefined)
    problems.push("none of the cases that should notice was run");
  return { fault: promise.fault, proven: problems.length === 0, acted: true, problems, noticedBy: noticed };
}

function noticeProblem(notice: ProofPromise["noticedBy"][number], seen: ProofCase | undefined): readonly string[] {
  if (seen?.status !== "failed") return [`${notice.case} did not notice: it ended as ${seen?.status ?? "never run"}`];
  const { assertions } = notice;
  const broken = seen.assertions ?? [];
  const isRight = (name: string): boolean => broken.some((own) => own === name || own.endsWith(`/${name}`));
  if (assertions.length === 0 || assertions.some(isRight)) return [];
  return [
    `${notice.case} failed for another reason: ${broken.join(", ") || "an invariant"} instead of ${assertions.join(" or ")}`,
  ];
}

function repairProblem({ repairs }: ProofPromise, planted: ReadonlyMap<string, ProofCase>): readonly string[] {
  if (repairs === undefined || !planted.has(repairs)) return [];
  // Where the case that answers for residue is not selected, a pod of this one may leave known residue all the same.
  const { status, outcome } = planted.get(repairs) ?? {};
  return status === "fixed" || status === "passed" || outcome === "passed"
    ? []
    : [`${repairs} does not pass behind the repair: ${status}`];
}
