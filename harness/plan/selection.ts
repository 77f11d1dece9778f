import { usageError } from "../core/errors.ts";
import type { CaseIndex, CaseIndexEntry } from "./case-index.ts";
import { nearestName } from "../core/nearest-name.ts";
import { profileNamed, type Profile } from "./profiles.ts";

export interface SelectionRequest {
  /** Name of a profile: its core and extended cases. */
  readonly profile?: string | undefined;
  /** Ids, letter case ignored. They choose from all cases, also from those outside the profile. */
  readonly cases?: readonly string[] | undefined;
  /** Regular expression on `ID title`, letter case ignored; narrows what profile or cases have chosen. */
  readonly grep?: string | undefined;
  readonly index: CaseIndex;
  readonly profiles: ReadonlyMap<string, Profile>;
}

/**
 * The cases to run, in the order of the index.
 * @throws PlumblineError PL_CASE_UNKNOWN, PL_PROFILE_UNKNOWN (each with the nearest name), PL_GREP, PL_NOTHING_SELECTED
 */
export function selectCases(request: SelectionRequest): readonly CaseIndexEntry[] {
  const profile = request.profile === undefined ? undefined : profileNamed(request.profile, request.profiles);
  const named = request.cases?.length ? knownIds(request.cases, request.index) : undefined;
  const inProfile = profile && new Set([...profile.core, ...profile.extended]);
  const base = request.index.cases.filter(({ id }) => (named ?? inProfile)?.has(id) ?? true);
  const matches = grepFilter(request.grep);
  const chosen = base.filter(({ id, title }) => matches(`${id} ${title}`));
  if (chosen.length > 0) return chosen;
  throw usageError("PL_NOTHING_SELECTED", `no case is selected: ${describe(request, base.length)}`, {
    hint: "`plumbline list` shows all cases",
  });
}

function knownIds(wanted: readonly string[], index: CaseIndex): ReadonlySet<string> {
  const known = new Set(index.cases.map(({ id }) => id));
  const found = new Set<string>();
  for (const name of wanted) {
    const id = name.toUpperCase();
    if (!known.has(id)) {
      const nearest = nearestName(name, known);
      throw usageError("PL_CASE_UNKNOWN", `there is no case ${JSON.stringify(name)}`, {
        hint: nearest ? `did you mean ${nearest}?` : "`plumbline list` shows all cases",
      });
    }
    found.add(id);
  }
  return found;
}

function grepFilter(pattern: string | undefined): (text: string) => boolean {
  if (pattern === undefined) return () => true;
  try {
    const expression = new RegExp(pattern, "i");
    return (text) => expression.test(text);
  } catch (cause) {
    throw usageError("PL_GREP", `${JSON.stringify(pattern)} is not a regular expression`, { cause });
  }
}

function describe({ grep, profile }: SelectionRequest, before: number): string {
  if (grep !== undefined && before > 0) {
    return `${JSON.stringify(grep)} matches none of the ${before} cases of ${profile ?? "the suite"}`;
  }
  return profile === undefined ? "the suite has no cases" : `the profile ${profile} has no case that exists`;
}
