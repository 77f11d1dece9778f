import { usageError } from "../core/errors.ts";
import { nearestName } from "../core/nearest-name.ts";

/** The cluster of a name. @throws PlumblineError PL_CLUSTER_UNKNOWN with the nearest name */
export function clusterNamed<T extends { readonly name: string }>(clusters: readonly T[], name: string): T {
  const found = clusters.find((cluster) => cluster.name === name);
  if (found) return found;
  const names = clusters.map((cluster) => cluster.name);
  const nearest = nearestName(name, names);
  throw usageError("PL_CLUSTER_UNKNOWN", `there is no cluster ${JSON.stringify(name)}`, {
    hint: nearest
      ? `did you mean ${nearest}?`
      : names.length === 0
        ? "no cluster of Plumbline is on this host"
        : `clusters: ${names.join(", ")}`,
  });
}
