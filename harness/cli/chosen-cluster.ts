import { usageError } from "../core/errors.ts";
import { nearestName } from "../core/nearest-name.ts";

/**
 * The cluster of a name; without a name the only one there is.
 * @throws PlumblineError PL_CLUSTER_UNKNOWN with the nearest name, PL_CLUSTER_AMBIGUOUS (both usage)
 */
export function chosenCluster<T extends { readonly name: string }>(
  clusters: readonly T[],
  name: string | undefined,
): T {
  const names = clusters.map((cluster) => cluster.name);
  const [first, second] = clusters;
  if (name === undefined && first && second) {
    throw usageError("PL_CLUSTER_AMBIGUOUS", `there are ${clusters.length} clusters: ${names.join(", ")}`, {
      hint: "say which one with --name, or --all",
    });
  }
  const found = name === undefined ? first : clusters.find((cluster) => cluster.name === name);
  if (found) return found;
  const nearest = nearestName(name ?? "", names);
  const known = names.length === 0 ? "no cluster of Plumbline is on this host" : `clusters: ${names.join(", ")}`;
  throw usageError("PL_CLUSTER_UNKNOWN", `there is no cluster ${JSON.stringify(name)}`, {
    hint: nearest ? `did you mean ${nearest}?` : known,
  });
}
