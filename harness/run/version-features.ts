import semver from "semver";
import { featureOfClause, loadClauses, type Clause } from "../plan/clauses.ts";
import type { Feature } from "./detect-features.ts";

/**
 * A feature for each clause about Multus that older versions know nothing of: it is there if this Multus is new enough. One
 * whose version nobody can tell counts as new: what it does not do is to be seen.
 * @param version as its subject is named in reports
 */
export function versionFeatures(
  version: string,
  clauses: Iterable<Clause> = loadClauses().values(),
): readonly Feature[] {
  const own = semver.parse(version, { loose: true });
  return [...clauses].flatMap((clause) => {
    const { id, addressee, since } = clause;
    if (since === undefined || addressee !== "multus") return [];
    const present = !own || semver.gte(own, since);
    const evidence = own
      ? `${id} is of Multus ${since} and later, and this is ${version}`
      : `nothing tells whether Multus ${version} is ${since} or later, as ${id} demands: it is taken for that`;
    return [{ name: featureOfClause(clause), present, evidence }];
  });
}
