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
 * little more than starting one, so suites share a batch up to `maxPods`; with several lanes the work is spread first.
 */
export function workItems(
  suites: readonly SuiteWork[],
  options: { readonly lanes: number; readonly maxPods: number },
): readonly WorkItem[] {
  const together = suites.filter((s) => s.disturbs === "nothing").toSorted((a, b) => b.pods - a.pods);
  const total = together.reduce((sum, s) => sum + s.pods, 0);
  const limit = Math.min(options.maxPods, Math.max(1, Math.ceil(total / options.lanes)));
  const bins: { suites: SuiteWork[]; pods: number }[] = [];
  for (const suite of together) {
    const bin = bins.find((b) => b.pods + suite.pods <= limit);
    if (bin) {
      bin.suites.push(suite);
      bin.pods += suite.pods;
    } else {
      bins.push({ suites: [suite], pods: suite.pods });
    }
  }
  const alone = suites.filter((s) => s.disturbs !== "nothing").map((s) => ({ suites: [s], alone: true }));
  return [...bins.map((b) => ({ suites: b.suites, alone: false })), ...alone];
}
