import type { CaseIndexEntry } from "../plan/case-index.ts";

/** One suite file with the cases of it that are to run. */
export interface SuiteWork {
  /** Path in the package, without extension, e.g. `suites/attachments/status.suite`. */
  readonly file: string;
  readonly caseIds: readonly string[];
  /** Pods that these cases declare. */
  readonly pods: number;
  readonly disturbs: "nothing" | "node" | "cluster";
}

/** What a lane gets at a time: suites whose pods are created together. */
export interface WorkItem {
  readonly suites: readonly SuiteWork[];
  /** Runs alone, after everything else. */
  readonly alone: boolean;
}

/**
 * Packs suites into work items. Most of the time of a run goes into pods starting, and starting many at once costs
 * little more than starting one, so suites share a batch. All lanes together have `maxPods` pods at a time: a node that
 * is given more gets slower than its pods gain. Suites without pods wait for one plugin at a time, so with several lanes
 * they are an item of their own, beside the first batch.
 * @param options.podlessFirst they come before all others: whoever works on a plugin waits for their answers
 */
export function workItems(
  suites: readonly SuiteWork[],
  options: { readonly lanes: number; readonly maxPods: number; readonly podlessFirst?: boolean },
): readonly WorkItem[] {
  const together = suites.filter((s) => s.disturbs === "nothing").toSorted((a, b) => b.pods - a.pods);
  const total = together.reduce((sum, s) => sum + s.pods, 0);
  const share = Math.max(1, Math.floor(options.maxPods / options.lanes));
  const limit = Math.min(share, Math.max(1, Math.ceil(total / options.lanes)));
  const { podlessFirst = false } = options;
  const podless = options.lanes > 1 || podlessFirst ? together.filter((s) => s.pods === 0) : [];
  const bins: { suites: SuiteWork[]; pods: number }[] = [];
  for (const suite of together.filter((s) => !podless.includes(s))) {
    const bin = bins.find((b) => b.pods + suite.pods <= limit);
    if (bin) {
      bin.suites.push(suite);
      bin.pods += suite.pods;
    } else {
      bins.push({ suites: [suite], pods: suite.pods });
    }
  }
  const alone = suites.filter((s) => s.disturbs !== "nothing").map((s) => ({ suites: [s], alone: true }));
  const items = bins.map((b) => ({ suites: b.suites, alone: false }));
  if (podless.length > 0) items.splice(podlessFirst ? 0 : 1, 0, { suites: podless, alone: false });
  return [...items, ...alone];
}

/** What cases there are to each suite file, in the order of their first cases. */
export function suiteWork(chosen: readonly CaseIndexEntry[]): readonly SuiteWork[] {
  const files = [...new Set(chosen.map((entry) => entry.file))];
  return files.map((file) => {
    const entries = chosen.filter((entry) => entry.file === file);
    const disturbs = entries.map((entry) => entry.disturbs).find((d) => d !== "nothing") ?? "nothing";
    const pods = new Set(entries.flatMap((entry) => entry.pods)).size;
    return { file, caseIds: entries.map((entry) => entry.id), pods, disturbs };
  });
}
