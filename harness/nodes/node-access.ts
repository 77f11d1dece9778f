import type { KubeClient } from "../kube/client.ts";
import { agentTransport, type AgentPod } from "./agent-transport.ts";
import { dockerTransport } from "./docker-transport.ts";
import type { NodeTransport } from "./transport.ts";

/** How the nodes of a testbed are reached; plain data, since lanes are other processes. */
export type NodeAccess =
  | { readonly by: "docker" }
  /** @property pods of the agent, by the name of the node */
  | { readonly by: "agent"; readonly pods: Readonly<Record<string, AgentPod>> };

/** The way onto a node. */
export function nodeTransport(node: string, access: NodeAccess, kube: KubeClient): NodeTransport {
  if (access.by === "docker") return dockerTransport(node);
  const pod = access.pods[node];
  if (!pod) throw new Error(`there is no agent on ${node}`);
  return agentTransport(node, kube, pod);
}
