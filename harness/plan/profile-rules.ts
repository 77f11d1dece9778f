import { z } from "zod";
import { packageFile } from "../core/package-root.ts";
import type { CaseIndexEntry } from "./case-index.ts";
import type { Clause } from "./clauses.ts";
import { expression } from "./expression.ts";
import type { Profile } from "./profiles.ts";
import { readFixture } from "../core/read-fixture.ts";

const ruleSchema = z.strictObject({
  profile: z.string().regex(/^[A-Z]+$/, "a name in capitals"),
  /** One sentence for `plumbline list`. */
  summary: z.string(),
  /** What is core and what extended, and why; for those who read the profile. */
  why: z.string(),
  cases: z
    .array(
      z
        .strictObject({ id: expression.optional(), cites: expression.optional(), citesOnly: expression.optional() })
        .refine((condition) => Object.keys(condition).length > 0, "a condition says something"),
    )
    .min(1)
    .readonly(),
  core: z
    .strictObject({
      clauses: expression,
      level: z.enum(["MUST", "SHOULD", "feature"]),
      addressee: z.enum(["runtime", "multus", "plugin", "author"]).optional(),
    })
    .optional(),
});

/** Which cases a profile has, by what they cite; fixtures/profile-rules.yaml says what the keys mean. */
export type ProfileRule = z.infer<typeof ruleSchema>;

/** The rules of fixtures/profile-rules.yaml. @throws PlumblineError PL_FIXTURE */
export function loadProfileRules(file: string = packageFile("fixtures", "profile-rules.yaml")): readonly ProfileRule[] {
  return readFixture(z.strictObject({ rules: z.array(ruleSchema).readonly() }), file).rules;
}

/** The profile that a rule makes of these cases, in their order. */
export function profileOf(
  rule: ProfileRule,
  { cases, clauses }: { cases: readonly CaseIndexEntry[]; clauses: ReadonlyMap<string, Clause> },
): Profile {
  const chosen = cases.filter((entry) => rule.cases.some((condition) => holds(condition, entry)));
  const isCore = (entry: CaseIndexEntry): boolean =>
    entry.level === "core" && (!rule.core || citesFor(entry, rule.core, clauses));
  return {
    name: rule.profile,
    summary: rule.summary,
    core: chosen.filter(isCore).map(({ id }) => id),
    extended: chosen.filter((entry) => !isCore(entry)).map(({ id }) => id),
  };
}

function holds({ id, cites, citesOnly }: ProfileRule["cases"][number], entry: CaseIndexEntry): boolean {
  return (
    (id === undefined || new RegExp(id).test(entry.id)) &&
    (cites === undefined || entry.clauses.some((clause) => new RegExp(cites).test(clause))) &&
    (citesOnly === undefined || entry.clauses.every((clause) => new RegExp(citesOnly).test(clause)))
  );
}

function citesFor(
  entry: CaseIndexEntry,
  core: NonNullable<ProfileRule["core"]>,
  clauses: ReadonlyMap<string, Clause>,
): boolean {
  return entry.clauses.some((id) => {
    const clause = clauses.get(id);
    return (
      clause?.level === core.level &&
      (core.addressee === undefined || clause.addressee === core.addressee) &&
      new RegExp(core.clauses).test(id)
    );
  });
}
