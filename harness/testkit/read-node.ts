import { harnessError } from "../core/errors.ts";
import { readApiLeases } from "../nodes/api-leases.ts";
import { readNodeState, type ReadStateOptions } from "../nodes/read-state.ts";
import type { NodeState } from "../nodes/state.ts";
import type { LaneContext } from "./lane-context.ts";

/** The state of a node, with the addresses that the cluster network's IPAM holds in the API for its containers. */
export async function readNode(
  { kube, nodes, clusterNetwork }: Pick<LaneContext, "kube" | "nodes" | "clusterNetwork">,
  name: string,
  options: ReadStateOptions,
): Promise<NodeState> {
  const transport = nodes.get(name);
  if (!transport) throw harnessError("PL_NO_NODE", `no way onto node ${name}`);
  const [state, leases] = await Promise.all([readNodeState(transport, options), readApiLeases(kube, clusterNetwork)]);
  return { ...state, apiLeases: leases.filter(({ node }) => node === undefined || node === name) };
}
