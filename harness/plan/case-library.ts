import { loadFaults } from "../nodes/fault.ts";
import { loadCaseClaims, type CaseClaim } from "./case-claims.ts";
import { loadCaseIndex, type CaseIndexEntry } from "./case-index.ts";
import { loadClauses, type Clause } from "./clauses.ts";
import { loadDeviations, type Deviation } from "./deviations.ts";
import { loadProfiles, type Profile } from "./profiles.ts";

/** What a page tells of a planted fault; the whole shape belongs to nodes/. */
export interface PlantedFault {
  readonly id: string;
  readonly title: string;
  readonly note?: string | undefined;
  readonly noticedBy: readonly { readonly case: string; readonly assertions: readonly string[] }[];
  readonly repairs?: string | undefined;
}

/** All that is known of the cases without running them. */
export interface CaseLibrary {
  readonly cases: readonly CaseIndexEntry[];
  readonly claims: ReadonlyMap<string, readonly CaseClaim[]>;
  readonly clauses: ReadonlyMap<string, Clause>;
  readonly profiles: ReadonlyMap<string, Profile>;
  readonly deviations: readonly Deviation[];
  readonly faults: readonly PlantedFault[];
}

/** The library as it is shipped. Loads no suite. @throws PlumblineError PL_FIXTURE, PL_CASE_INDEX, PL_FAULT_FILE */
export function loadCaseLibrary(): CaseLibrary {
  return {
    cases: loadCaseIndex().cases,
    claims: loadCaseClaims(),
    clauses: loadClauses(),
    profiles: loadProfiles(),
    deviations: loadDeviations(),
    faults: loadFaults(),
  };
}
