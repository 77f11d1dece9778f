import { publishedNetwork } from "../images/published-network.ts";
import type { NodeTransport } from "../nodes/transport.ts";
import type { Feature } from "./detect-features.ts";

const NAME = "network-policy";
const TIMEOUT_MS = 20_000;

/**
 * Whether the default network enforces NetworkPolicy, seen on each node: one that is known for it may still not be able
 * to on a kernel, and says nothing of it.
 * @param network as stacks name it
 * @param nodes those that pods are put on
 */
export async function policyFeature(
  network: string,
  nodes: readonly NodeTransport[],
  signal?: AbortSignal,
): Promise<Feature> {
  const policy = publishedNetwork(network)?.policy;
  if (!policy) return { name: NAME, present: false, evidence: `nothing of ${network} enforces NetworkPolicy` };
  const { by, probe } = policy;
  const answers = await Promise.all(
    nodes.map(async (node) => ({
      node: node.node,
      ...(await node.exec(["sh", "-c", probe], { timeoutMs: TIMEOUT_MS, signal, okExitCodes: "any" })),
    })),
  );
  const lacking = answers.find(({ exitCode }) => exitCode !== 0);
  const said = (lacking ?? answers[0])?.[lacking ? "stderr" : "stdout"].trim().split("\n")[0] ?? "";
  return lacking
    ? { name: NAME, present: false, evidence: `${by} cannot enforce it on ${lacking.node}: ${said || "not there"}` }
    : { name: NAME, present: answers.length > 0, evidence: `${by} enforces it: ${said}` };
}
