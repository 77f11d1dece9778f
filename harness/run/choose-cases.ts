import { loadCaseIndex, type CaseIndexEntry } from "../plan/case-index.ts";
import { loadProfiles, profileNamed, type Profile } from "../plan/profiles.ts";
import { selectCases } from "../plan/selection.ts";
import { foldEvents } from "../results/model.ts";
import { readRecord } from "../results/record-reader.ts";
import { failedCases } from "./failed-cases.ts";
import type { RunRequest } from "./run-request.ts";

export interface ChosenCases {
  /** In the order of the index. */
  readonly chosen: readonly CaseIndexEntry[];
  /** Undefined where cases are named: they need not be of one. */
  readonly profile: Profile | undefined;
}

/**
 * The cases that a request means.
 * @throws PlumblineError (usage) for names that there are not, for a record without failures, or if nothing is left
 */
export function chooseCases(
  request: Pick<RunRequest, "cases" | "profile" | "grep" | "layers" | "features" | "failedOf">,
): ChosenCases {
  const profiles = loadProfiles();
  const { grep, layers, features, failedOf } = request;
  const cases =
    failedOf === undefined ? request.cases : failedCases(foldEvents(readRecord(failedOf).events), request.cases);
  const profileName = cases.length > 0 ? undefined : request.profile;
  return {
    chosen: selectCases({ profile: profileName, cases, grep, layers, features, index: loadCaseIndex(), profiles }),
    profile: profileName === undefined ? undefined : profileNamed(profileName, profiles),
  };
}
