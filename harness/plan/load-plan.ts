import { z } from "zod";
import { packageFile } from "../core/package-root.ts";
import { loadCaseIndex } from "./case-index.ts";
import type { PlanData } from "./check-plan.ts";
import { loadClauses, loadExemptions } from "./clauses.ts";
import { loadDeviations } from "./deviations.ts";
import { loadFeatures } from "./features.ts";
import { loadProfiles } from "./profiles.ts";
import { fixtureFiles, readFixture } from "../core/read-fixture.ts";

// Only the id is looked at: what else a fault has belongs to nodes/.
const withId = z.looseObject({ id: z.string() });
const faultFileSchema = z.union([
  withId.transform((fault) => [fault]),
  z.array(withId),
  z.looseObject({ faults: z.array(withId) }).transform(({ faults }) => faults),
]);

/** Everything that `checkPlan` compares, as it is shipped. @throws PlumblineError PL_FIXTURE, PL_CASE_INDEX */
export function loadPlan(): PlanData {
  return {
    cases: loadCaseIndex().cases,
    clauses: loadClauses(),
    exemptions: loadExemptions(),
    profiles: loadProfiles(),
    deviations: loadDeviations(),
    faults: loadFaultIds(),
    features: loadFeatures(),
  };
}

/** Ids of all faults, read without loading the rooms below. */
export function loadFaultIds(dir: string = packageFile("fixtures", "faults")): ReadonlySet<string> {
  const faults = fixtureFiles(dir).flatMap((file) => readFixture(faultFileSchema, file));
  return new Set(faults.map(({ id }) => id));
}
