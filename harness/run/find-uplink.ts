import { z } from "zod";
import type { ClusterNode } from "../cluster/cluster.ts";
import { hostError } from "../core/errors.ts";
import type { NodeTransport } from "../nodes/transport.ts";

const links = z.array(z.object({ ifname: z.string().optional() }));

/**
 * The interface over which the nodes reach each other: the one that bears a node's own address. Networks with a master
 * lie on it.
 * @param nodes those that pods are put on
 * @throws PlumblineError PL_UPLINK (host) if a node has none, or it is called differently on two of them
 */
export async function findUplink(
  nodes: readonly NodeTransport[],
  cluster: readonly Pick<ClusterNode, "name" | "addresses">[],
  signal?: AbortSignal,
): Promise<string> {
  const found = await Promise.all(
    nodes.map(async (node) => {
      const address = cluster.find(({ name }) => name === node.node)?.addresses[0];
      return { node: node.node, address, uplink: address && (await bearerOf(node, address, signal)) };
    }),
  );
  const [first] = found;
  if (first?.uplink && found.every(({ uplink }) => uplink === first.uplink)) return first.uplink;
  const seen = found.map(({ node, address, uplink }) => `${node} (${address ?? "no address"}): ${uplink ?? "none"}`);
  throw hostError("PL_UPLINK", `the nodes have no uplink of one name: ${seen.join(", ")}`, {
    hint: "each node needs an interface of the same name with its own address on it",
  });
}

async function bearerOf(node: NodeTransport, address: string, signal?: AbortSignal): Promise<string | undefined> {
  const { stdout } = await node.exec(["ip", "-json", "address", "show", "to", address], { timeoutMs: 15_000, signal });
  return links.parse(JSON.parse(stdout || "[]")).find(({ ifname }) => ifname !== undefined)?.ifname;
}
