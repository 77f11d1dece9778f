import type { Deadline } from "../core/deadline.ts";
import type { KubeClient, KubeObject } from "../kube/client.ts";
import { parseAddress } from "../net/address.ts";
import type { ClusterNode, ClusterSpec } from "./cluster.ts";

const QUERY = { apiVersion: "v1", kind: "Node" } as const;

/** The nodes that a spec will have. @source kind's pkg/cluster/internal/create: the names of its containers */
export function expectedNodes(spec: ClusterSpec): readonly Pick<ClusterNode, "name" | "role">[] {
  const workers = Array.from({ length: spec.workers }, (_, i) => ({
    name: `${spec.name}-worker${i === 0 ? "" : i + 1}`,
    role: "worker" as const,
  }));
  return [{ name: `${spec.name}-control-plane`, role: "control-plane" }, ...workers];
}

interface Wait {
  readonly deadline: Deadline;
  readonly signal: AbortSignal | undefined;
}

/**
 * Waits until every node of the spec is registered and has its addresses and pod ranges. Not for Ready: that needs the
 * default network, which comes with the stack.
 */
export async function registeredNodes(kube: KubeClient, spec: ClusterSpec, wait: Wait): Promise<ClusterNode[]> {
  const ranges = spec.ipFamily === "dual" ? 2 : 1;
  const complete = (node: ClusterNode): boolean => node.addresses.length >= ranges && node.podCidrs.length >= ranges;
  const found = await kube.waitForList(QUERY, {
    ...wait,
    what: `${spec.workers + 1} nodes with addresses and pod ranges`,
    done: (nodes) => nodes.length === spec.workers + 1 && nodes.map(nodeOf).every(complete),
    describe: (nodes) => nodes.map(nodeOf),
  });
  return found.map(nodeOf).toSorted(controlPlaneFirst);
}

/** The node as the API has it. */
export function nodeOf(object: KubeObject): ClusterNode {
  const addresses = (object.status?.["addresses"] ?? []) as readonly { type: string; address: string }[];
  const spec = object.spec as { podCIDRs?: readonly string[]; podCIDR?: string } | undefined;
  const controlPlane = Object.hasOwn(object.metadata.labels ?? {}, "node-role.kubernetes.io/control-plane");
  return {
    name: object.metadata.name,
    role: controlPlane ? "control-plane" : "worker",
    addresses: addresses
      .filter((a) => a.type === "InternalIP")
      .map((a) => a.address)
      .toSorted((a, b) => (parseAddress(a)?.family ?? 0) - (parseAddress(b)?.family ?? 0)),
    podCidrs: spec?.podCIDRs ?? (spec?.podCIDR === undefined ? [] : [spec.podCIDR]),
  };
}

function controlPlaneFirst(a: ClusterNode, b: ClusterNode): number {
  if (a.role !== b.role) return a.role === "control-plane" ? -1 : 1;
  return a.name.localeCompare(b.name, "en", { numeric: true });
}

/** The nodes that our pods go to: the workers, or the control plane if it is alone. */
export function podNodes<T extends Pick<ClusterNode, "role">>(nodes: readonly T[]): readonly T[] {
  const workers = nodes.filter((node) => node.role === "worker");
  return workers.length > 0 ? workers : nodes;
}
