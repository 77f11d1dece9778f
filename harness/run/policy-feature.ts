import { publishedNetwork } from "../images/published-network.ts";
import type { NodeTransport } from "../nodes/transport.ts";
import { policyEnforcers, type PolicyEnforcer } from "../stack/policy-enforcers.ts";
import type { Feature } from "./detect-features.ts";

const NAME = "network-policy";
const TIMEOUT_MS = 20_000;

/**
 * Whether NetworkPolicy is enforced, by the default network or by what stands beside it, seen on each node: one that is
 * known for it may still not be able to on a kernel, and says nothing of it.
 * @param network as stacks name it
 * @param nodes those that pods are put on
 */
export async function policyFeature(
  network: string,
  nodes: readonly NodeTransport[],
  signal?: AbortSignal,
): Promise<Feature> {
  const ofNetwork = publishedNetwork(network)?.policy;
  const beside = Object.values(policyEnforcers());
  const [own, ...others] = await Promise.all([
    ofNetwork && enforces(ofNetwork, nodes, signal),
    ...beside.map(async (enforcer) => enforces(enforcer, nodes, signal)),
  ]);
  const enforced = [own, ...others].find((feature) => feature?.present);
  if (enforced) return enforced;
  const names = beside.map(({ by }) => by).join(" or ");
  return own ?? { name: NAME, present: false, evidence: `nothing of ${network} enforces NetworkPolicy, nor ${names}` };
}

async function enforces(
  { by, probe }: PolicyEnforcer,
  nodes: readonly NodeTransport[],
  signal: AbortSignal | undefined,
): Promise<Feature> {
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
