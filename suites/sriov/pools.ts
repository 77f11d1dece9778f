import { POOL_A, POOL_B, POOL_DPDK, type CaseKube, type CaseNode } from "../../harness/testkit/index.ts";

/** Pools that every node has. */
export const POOLS = [POOL_A, POOL_B, POOL_DPDK];

/** VFs of the second pool, which cases take that want all of one. */
export const ALL_OF_B = 2;

/** Looks until a claim about what takes time holds, or the kubelet has had its time: it tells of devices every 10 s. */
export const KUBELETS_TIME = { timeoutMs: 40_000 };

/** How many of each device a node can give, as the API has it. */
export async function allocatable(kube: CaseKube, node: CaseNode): Promise<Readonly<Record<string, string>>> {
  const found = await kube.get({ apiVersion: "v1", kind: "Node", name: node.name });
  return (found?.status?.["allocatable"] ?? {}) as Readonly<Record<string, string>>;
}
