import { identifyPod } from "./identity.ts";
import type { LedgerItem } from "./ledger.ts";
import type { NodeState } from "./state.ts";

/** Namespaces of the cluster itself: no pod of the harness lies there. */
const CLUSTERS_OWN = /^kube-/;

/** Everything that names a pod of the cluster itself which lives on the node: its resolver, its daemons. */
export function namesOfClusterPods(state: NodeState): ReadonlySet<string> {
  const names = new Set<string>();
  for (const sandbox of state.sandboxes) {
    if (sandbox.state !== "ready" || !CLUSTERS_OWN.test(sandbox.namespace)) continue;
    const pod = identifyPod(state, { namespace: sandbox.namespace, name: sandbox.name, uid: sandbox.podUid });
    const links = pod.interfaces.flatMap((link) => link.hostPeerName ?? []);
    const netns = pod.netns.map(({ name }) => name);
    const all = [pod.sandboxIds, netns, links, pod.addresses, pod.chains, pod.shapingDevices, pod.files].flat();
    for (const name of all) names.add(name);
  }
  return names;
}

/** Whether an item bears one of the names: as its key, its namespace, or a word or a path segment of its key. */
export function bearsName(
  { key, namespace }: Pick<LedgerItem, "key" | "namespace">,
  names: ReadonlySet<string>,
): boolean {
  return [key, namespace, ...key.split(/[\s/]+/)].some((word) => names.has(word));
}
