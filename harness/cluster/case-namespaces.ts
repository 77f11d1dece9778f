import type { Deadline } from "../core/deadline.ts";
import type { KubeClient } from "../kube/client.ts";
import { MANAGED_SELECTOR } from "./guest-claim.ts";

export const CASE_NAMESPACES = { apiVersion: "v1", kind: "Namespace", labelSelector: MANAGED_SELECTOR } as const;

type Api = Pick<KubeClient, "list" | "delete" | "waitForList">;

/** Removes namespaces with all that is in them, and waits until they are gone. */
export async function removeNamespaces(kube: Api, names: readonly string[], deadline: Deadline): Promise<void> {
  if (names.length === 0) return;
  const { apiVersion, kind } = CASE_NAMESPACES;
  await Promise.all(names.map((name) => kube.delete({ apiVersion, kind, name })));
  await kube.waitForList(CASE_NAMESPACES, {
    what: `the namespaces ${names.join(", ")} to be gone`,
    deadline,
    done: (found) => !found.some(({ metadata }) => names.includes(metadata.name)),
    describe: (found) => found.map(({ metadata, status }) => ({ name: metadata.name, status })),
  });
}

/**
 * Removes from a cluster that is used again what a run has left that was cut off: its pods would be torn down, or not,
 * beside those that are judged. Those of a run that ended well are on their way already, and are not waited for.
 * @returns the names of those that were left
 */
export async function removeLeftNamespaces(kube: Api, deadline: Deadline): Promise<readonly string[]> {
  const found = await kube.list(CASE_NAMESPACES);
  const left = found.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  const names = left.map(({ metadata }) => metadata.name);
  await removeNamespaces(kube, names, deadline);
  return names;
}
