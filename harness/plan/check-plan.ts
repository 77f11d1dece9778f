import type { CaseIndexEntry } from "./case-index.ts";
import { alternativesOf } from "../core/alternatives.ts";
import { featureOfClause, type Clause, type Exemption } from "./clauses.ts";
import type { Deviation } from "./deviations.ts";
import type { Profile } from "./profiles.ts";

export interface PlanData {
  readonly cases: readonly CaseIndexEntry[];
  readonly clauses: ReadonlyMap<string, Clause>;
  readonly exemptions: readonly Exemption[];
  readonly profiles: ReadonlyMap<string, Profile>;
  readonly deviations: readonly Deviation[];
  /** Ids of fixtures/faults. */
  readonly faults: ReadonlySet<string>;
  /** Those that detectors look for, and what they mean. */
  readonly features: ReadonlyMap<string, string>;
}

/** What is inconsistent between cases, clauses, profiles, faults and deviations; one sentence each, none if all is well. */
export function checkPlan(data: PlanData): readonly string[] {
  const ids = new Set(data.cases.map(({ id }) => id));
  return [
    ...data.cases.flatMap((entry) => caseProblems(entry, data)),
    ...clauseProblems(data),
    ...[...data.profiles.values()].flatMap((profile) => profileProblems(profile, data.cases)),
    ...missingFromFull(data),
    ...inFullAlone(data),
    ...data.deviations.flatMap((deviation) => deviationProblems(deviation, ids)),
    ...twice(data.deviations.map(({ id }) => id)).map((id) => `the deviation ${id} stands twice`),
  ];
}

function caseProblems({ id, clauses, faults, features }: CaseIndexEntry, data: PlanData): string[] {
  const unknownClauses = clauses.filter((clause) => !data.clauses.has(clause));
  const unknownFaults = faults.filter((fault) => !data.faults.has(fault));
  const newer = clauses.flatMap((clause) => data.clauses.get(clause) ?? []).filter(({ since }) => since !== undefined);
  const ofClauses = new Set([...data.clauses.values()].map(featureOfClause));
  const looked = (name: string): boolean => data.features.has(name) || ofClauses.has(name);
  const unlooked = features.flatMap(alternativesOf).filter((name) => !looked(name));
  const untold = newer.filter((clause) => !features.includes(featureOfClause(clause)));
  return [
    ...unlooked.map((name) => `${id} needs ${name}, which nobody looks for: it is not in fixtures/features.yaml`),
    ...untold.map(
      (clause) =>
        `${id} cites ${clause.id}, which is of ${clause.since} and later, and does not need ${featureOfClause(clause)}`,
    ),
    ...unknownClauses.map((clause) => `${id} cites the clause ${clause}, which is not in fixtures/clauses`),
    ...unknownFaults.map((fault) => `${id} names the fault ${fault}, which is not in fixtures/faults`),
    ...(faults.length === 0 ? [`${id} names no fault that makes it fail`] : []),
  ];
}

function clauseProblems({ cases, clauses, exemptions }: PlanData): string[] {
  const cited = new Set(cases.flatMap((entry) => entry.clauses));
  const exempt = new Set(exemptions.map(({ clause }) => clause));
  const bare = [...clauses.values()].filter(({ id, level }) => level === "MUST" && !cited.has(id) && !exempt.has(id));
  const unknown = [...exempt].filter((id) => !clauses.has(id));
  const stale = [...exempt].filter((id) => cited.has(id));
  return [
    ...bare.map(({ id }) => `the MUST clause ${id} has neither a case nor an exemption`),
    ...unknown.map((id) => `the exempted clause ${id} is not in fixtures/clauses`),
    ...stale.map((id) => `the clause ${id} is exempted, but a case cites it`),
  ];
}

function profileProblems({ name, core, extended }: Profile, cases: readonly CaseIndexEntry[]): string[] {
  const all = [...core, ...extended];
  const levels = new Map(cases.map(({ id, level }) => [id, level]));
  const raised = core.filter((id) => levels.get(id) === "extended");
  return [
    ...all.filter((id) => !levels.has(id)).map((id) => `the profile ${name} lists ${id}, which is no case`),
    ...twice(all).map((id) => `the profile ${name} lists ${id} twice`),
    ...raised.map((id) => `the profile ${name} lists ${id} as core, but the case says that it is extended`),
  ];
}

/** `full` is what says which cases there are at all, core and extended. */
function missingFromFull({ profiles, cases }: PlanData): string[] {
  const full = profiles.get("full");
  if (!full) return [];
  const listed = new Set([...full.core, ...full.extended]);
  return cases.filter(({ id }) => !listed.has(id)).map(({ id }) => `the profile full does not list ${id}`);
}

/** A case that only `full` runs is one that nobody meets who runs a profile for a reason. */
function inFullAlone({ profiles, cases }: PlanData): string[] {
  const others = [...profiles.values()].filter(({ name }) => name !== "full");
  const listed = new Set(others.flatMap(({ core, extended }) => [...core, ...extended]));
  const alone = cases.filter(({ id }) => !listed.has(id));
  return alone.map(({ id }) => `${id} is in no profile but full: no rule of fixtures/profile-rules.yaml chooses it`);
}

function deviationProblems({ id, case: caseId, signature }: Deviation, ids: ReadonlySet<string>): string[] {
  return [
    ...(ids.has(caseId) ? [] : [`the deviation ${id} is about ${caseId}, which is no case`]),
    ...(signature.assertion.startsWith(`${caseId}/`)
      ? []
      : [`the deviation ${id} is about ${caseId}, but its assertion is ${signature.assertion}`]),
  ];
}

function twice(names: readonly string[]): readonly string[] {
  return [...new Set(names.filter((name, i) => names.indexOf(name) !== i))];
}
