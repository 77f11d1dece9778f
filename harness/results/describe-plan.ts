import type { CaseIndexEntry } from "../plan/case-index.ts";
import type { Clause } from "../plan/clauses.ts";
import { applyingDeviations, type Deviation } from "../plan/deviations.ts";
import type { Profile } from "../plan/profiles.ts";
import { harnessError } from "../core/errors.ts";
import type { CitedClause, CitedDeviation, PlannedCase, RecordedProfile, StackFacts } from "./run-facts.ts";

export interface RecordedPlan {
  readonly profile?: RecordedProfile;
  readonly selection: readonly string[];
  readonly planned: readonly PlannedCase[];
  readonly clauses: readonly CitedClause[];
}

/**
 * The part of `run-started` that comes from the plan: reports load no fixtures, so the record tells all they need.
 * @throws PlumblineError PL_CLAUSE_UNKNOWN if a case cites a clause that does not exist
 */
export function describePlan(plan: {
  readonly cases: readonly CaseIndexEntry[];
  readonly profile: Profile | undefined;
  readonly clauses: ReadonlyMap<string, Clause>;
}): RecordedPlan {
  const core = new Set(plan.profile?.core);
  const planned = plan.cases.map(({ id, revision, title, suite, layer, clauses, faults }) => {
    const level = core.has(id) ? ("core" as const) : ("extended" as const);
    return { id, revision, title, suite, layer, level, clauses, faults };
  });
  const cited = [...new Set(plan.cases.flatMap(({ clauses }) => clauses))].toSorted();
  return {
    ...(plan.profile ? { profile: profileFacts(plan.profile) } : {}),
    selection: planned.map(({ id }) => id),
    planned,
    clauses: cited.map((id) => citation(id, plan.clauses)),
  };
}

/** The entries that speak of this testbed, for the `testbed` event. */
export function citeDeviations(deviations: readonly Deviation[], facts: StackFacts): readonly CitedDeviation[] {
  const applying = applyingDeviations(deviations, facts);
  return applying.map(({ id, case: caseId, title, issue, note, signature }) => ({
    id,
    case: caseId,
    title,
    note,
    signature,
    ...(issue === undefined ? {} : { issue }),
  }));
}

function profileFacts({ name, core, extended }: Profile): RecordedProfile {
  return { name, core, extended };
}

function citation(id: string, clauses: ReadonlyMap<string, Clause>): CitedClause {
  const clause = clauses.get(id);
  if (!clause)
    throw harnessError("PL_CLAUSE_UNKNOWN", `a case cites the clause ${id}, which is not in fixtures/clauses`);
  const { spec, section, level, statement, url } = clause;
  return { id, spec, section, level, statement, url };
}
