import { loadCaseIndex, type CaseIndex, type CaseIndexEntry } from "../plan/case-index.ts";
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
  /** What the user should know of how they were chosen; one line each. */
  readonly notes: readonly string[];
}

/**
 * The cases that a request means.
 * @throws PlumblineError (usage) for names that there are not, for a record without failures, or if nothing is left
 */
export function chooseCases(
  request: Pick<RunRequest, "cases" | "profile" | "grep" | "layers" | "features" | "failedOf">,
  index: CaseIndex & { readonly own?: ReadonlySet<string> } = loadCaseIndex(),
): ChosenCases {
  const profiles = loadProfiles();
  const { grep, layers, features, failedOf } = request;
  const record = failedOf === undefined ? undefined : readRecord(failedOf);
  const cases = record === undefined ? request.cases : failedCases(foldEvents(record.events), request.cases);
  const profileName = cases.length > 0 ? undefined : request.profile;
  return {
    chosen: selectCases({ profile: profileName, cases, grep, layers, features, index, profiles }),
    profile: profileName === undefined ? undefined : profileNamed(profileName, profiles),
    notes: record?.truncatedAtLine === undefined ? [] : [truncated(record.dir, record.truncatedAtLine)],
  };
}

function truncated(dir: string, line: number): string {
  return `${dir}/events.ndjson:${line}: the record is cut off in this line; what stands before it is used, and what had not ended there counts as not passed`;
}
