import { alternativesOf } from "../core/alternatives.ts";
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
  /** Only cases of these layers. Empty: of all. */
  readonly layers?: readonly string[] | undefined;
  /** Only cases that need one of these features of the testbed. Empty: all. */
  readonly features?: readonly string[] | undefined;
  /** With the cases of the author's own suites, which belong to every profile. */
  readonly index: CaseIndex & { readonly own?: ReadonlySet<string> };
  readonly profiles: ReadonlyMap<string, Profile>;
}

/**
 * The cases to run, in the order of the index.
 * @throws PlumblineError PL_CASE_UNKNOWN, PL_PROFILE_UNKNOWN, PL_FEATURE_UNKNOWN (each with the nearest name), PL_GREP,
 *   PL_NOTHING_SELECTED
 */
export function selectCases(request: SelectionRequest): readonly CaseIndexEntry[] {
  const profile = request.profile === undefined ? undefined : profileNamed(request.profile, request.profiles);
  const named = request.cases?.length ? knownIds(request.cases, request.index) : undefined;
  const inProfile = profile && new Set([...profile.core, ...profile.extended]);
  const base = request.index.cases.filter(
    ({ id }) => ((named ?? inProfile)?.has(id) ?? true) || (!named && request.index.own?.has(id)),
  );
  const isMeant = narrowing(request);
  const chosen = base.filter(isMeant);
  if (chosen.length > 0) return chosen;
  const elsewhere = base.length > 0 && !named ? request.index.cases.filter(isMeant).length : 0;
  throw usageError("PL_NOTHING_SELECTED", `no case is selected: ${describe(request, base.length)}`, {
    hint: elsewhere > 0 ? `--profile full has ${elsewhere} of that kind` : "`plumbline list` shows all cases",
  });
}

/** What narrows the cases of a profile. */
function narrowing({ grep, layers = [], features = [], index }: SelectionRequest): (entry: CaseIndexEntry) => boolean {
  const matches = grepFilter(grep);
  const wanted = knownFeatures(features, index);
  return (entry) =>
    matches(`${entry.id} ${entry.title}`) &&
    (layers.length === 0 || layers.includes(entry.layer)) &&
    (wanted.size === 0 || alternatives(entry).some((feature) => wanted.has(feature)));
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
        context: { setting: "cases", value: name },
      });
    }
    found.add(id);
  }
  return found;
}

function knownFeatures(wanted: readonly string[], index: CaseIndex): ReadonlySet<string> {
  const known = new Set(index.cases.flatMap(alternatives));
  for (const name of wanted) {
    if (known.has(name)) continue;
    const nearest = nearestName(name, known);
    throw usageError("PL_FEATURE_UNKNOWN", `no case needs a feature ${JSON.stringify(name)}`, {
      hint: nearest ? `did you mean ${nearest}?` : `cases need ${[...known].toSorted().join(", ")}`,
      context: { setting: "features", value: name },
    });
  }
  return new Set(wanted);
}

/** Features that the case needs; of those any of which will do, all. */
function alternatives({ features }: CaseIndexEntry): readonly string[] {
  return features.flatMap(alternativesOf);
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

function describe({ grep, profile, layers = [], features = [] }: SelectionRequest, before: number): string {
  const narrowed = [
    ...(layers.length > 0 ? [`layer ${layers.join(" or ")}`] : []),
    ...(features.length > 0 ? [`needing ${features.join(" or ")}`] : []),
    ...(grep === undefined ? [] : [`matching ${JSON.stringify(grep)}`]),
  ];
  if (narrowed.length > 1 || (narrowed.length === 1 && grep === undefined)) {
    return `none of the ${before} cases of ${profile ?? "the suite"} is of ${narrowed.join(", ")}`;
  }
  if (grep !== undefined && before > 0) {
    return `${JSON.stringify(grep)} matches none of the ${before} cases of ${profile ?? "the suite"}`;
  }
  return profile === undefined ? "the suite has no cases" : `the profile ${profile} has no case that exists`;
}
