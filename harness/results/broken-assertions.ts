import { brokenClaims, violationAssertion } from "./case-outcome.ts";
import { entriesOf, type CaseEnd, type Verdict, type ViolationFound } from "./events.ts";
import { bearers, carrying, type Excuse } from "./judge.ts";
import type { Judging } from "./run-facts.ts";

export interface Judged {
  readonly selection: readonly string[];
  readonly caseEnds: readonly CaseEnd[];
  readonly violations: readonly ViolationFound[];
  readonly verdicts: readonly Verdict[];
  readonly judging: Judging | undefined;
  /** Entries that apply to the testbed. */
  readonly applying: readonly Excuse[];
}

/**
 * What did not hold, by case, sorted: ids of assertions of the case itself (`RTE-001/one-default-route`) and of invariants
 * that it answers for (`TD-001/no-residue`). A case that a deviation decides has that instead (`RTE-001/known:route-kept`,
 * `RTE-002/fixed:route-gone`), as the entry excuses one observation alone. Cases of which all held are left out.
 *
 * Two runs are compared by these: they name no pod, address or text, which differ from run to run.
 */
export function brokenAssertions(judged: Judged): ReadonlyMap<string, readonly string[]> {
  const borne = bearers(judged, carrying(judged.judging, judged.applying));
  const broken = judged.verdicts.map((verdict): [string, readonly string[]] => {
    const { caseId, status } = verdict;
    if (status === "passed") return [caseId, []];
    const entries = entriesOf(verdict);
    if (entries.length > 0) return [caseId, entries.map((entry) => `${caseId}/${status}:${entry}`).toSorted()];
    const own = judged.caseEnds.flatMap((end) =>
      end.caseId === caseId && end.outcome !== "passed" && end.failure?.kind === "subject"
        ? brokenClaims(end.failure).map(({ assertion }) => assertion)
        : [],
    );
    const carried = (borne.get(caseId) ?? []).map(({ violation }) => violationAssertion(violation));
    return [caseId, [...new Set([...own, ...carried])].toSorted()];
  });
  return new Map(broken.filter(([, assertions]) => assertions.length > 0));
}
