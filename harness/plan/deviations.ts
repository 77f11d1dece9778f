import semver from "semver";
import { z } from "zod";
import { packageFile } from "../core/package-root.ts";
import { expression } from "./expression.ts";
import { readFixture } from "../core/read-fixture.ts";

export const signatureSchema = z.strictObject({
  /** Id of the assertion that fails, `<case>/<what>`; for an invariant `<case>/<invariant>`. */
  assertion: z.string().regex(/^[A-Z]{2,5}-\d{3}\/[a-z0-9-]+$/),
  /**
   * What the assertion must have seen: a subset of the JSON, a regular expression on its compact text, or one that every
   * item of a list must match (for what is left of a pod: another thing beside the known ones is not excused).
   */
  observed: z.union([
    z.strictObject({ subset: z.unknown() }),
    z.strictObject({ matches: expression }),
    z.strictObject({ each: expression }),
  ]),
});
export type Signature = z.infer<typeof signatureSchema>;

const deviationSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]+$/),
  case: z.string(),
  title: z.string(),
  applies: z.strictObject({
    component: z.string(),
    versions: z.string().refine((range) => semver.validRange(range) !== null, "not a semver range"),
    modes: z
      .array(z.enum(["thick", "thin"]))
      .readonly()
      .optional(),
    defaultNetworks: z.array(z.string()).readonly().optional(),
    cniVersions: z.array(z.string()).readonly().optional(),
  }),
  signature: signatureSchema,
  /** Where upstream knows of it; absent where nobody has reported it. */
  issue: z.url().optional(),
  note: z.string(),
});
/** A documented departure of known versions from a clause. */
export type Deviation = z.infer<typeof deviationSchema>;

/** All entries of fixtures/deviations.yaml. @throws PlumblineError PL_FIXTURE */
export function loadDeviations(file: string = packageFile("fixtures", "deviations.yaml")): readonly Deviation[] {
  return readFixture(z.strictObject({ deviations: z.array(deviationSchema).readonly() }), file).deviations;
}

/** What an entry is chosen by; the same as `StackFacts` of the run record. */
export interface DeviationFacts {
  readonly versions: Readonly<Record<string, string>>;
  readonly mode: "thick" | "thin";
  readonly defaultNetwork: string;
  readonly cniVersion: string;
}

/**
 * Whether an entry speaks of this testbed. A version that is no semantic version (a branch, a digest) never matches: an
 * entry excuses only what it names.
 */
export function deviationApplies({ applies }: Deviation, facts: DeviationFacts): boolean {
  const version = semver.parse(facts.versions[applies.component] ?? "", { loose: true });
  if (!version || !semver.satisfies(version, applies.versions)) return false;
  return (
    (applies.modes?.includes(facts.mode) ?? true) &&
    (applies.defaultNetworks?.includes(facts.defaultNetwork) ?? true) &&
    (applies.cniVersions?.includes(facts.cniVersion) ?? true)
  );
}

/** The entries that speak of this testbed. */
export function applyingDeviations(all: readonly Deviation[], facts: DeviationFacts): readonly Deviation[] {
  return all.filter((deviation) => deviationApplies(deviation, facts));
}

/** Whether a failed assertion is the one of the signature, and saw what the signature says. */
export function signatureMatches(signature: Signature, failure: { assertion: string; observed: unknown }): boolean {
  const { assertion, observed: pattern } = signature;
  const { observed } = failure;
  if (failure.assertion !== assertion) return false;
  if ("subset" in pattern) return isSubset(pattern.subset, observed);
  if ("matches" in pattern) return matches(pattern.matches, observed);
  const items: readonly unknown[] = Array.isArray(observed) ? observed : [observed];
  return items.length > 0 && items.every((item) => matches(pattern.each, item));
}

function matches(pattern: string, value: unknown): boolean {
  return new RegExp(pattern).test(JSON.stringify(value) ?? "null");
}

/** Objects: every key of `part` in `whole`. Lists: every item of `part` in some item of `whole`. Else equal. */
function isSubset(part: unknown, whole: unknown): boolean {
  if (Array.isArray(part)) {
    return Array.isArray(whole) && part.every((item) => whole.some((candidate) => isSubset(item, candidate)));
  }
  if (typeof part === "object" && part !== null) {
    if (typeof whole !== "object" || whole === null || Array.isArray(whole)) return false;
    const fields = whole as Record<string, unknown>;
    return Object.entries(part).every(([key, value]) => Object.hasOwn(fields, key) && isSubset(value, fields[key]));
  }
  return part === whole;
}
