import { z } from "zod";
import type { ClusterNode } from "../cluster/cluster.ts";
import { usageError } from "../core/errors.ts";
import type { KubeClient } from "../kube/client.ts";
import { parseCidr } from "../net/address.ts";
import type { NodeTransport } from "../nodes/transport.ts";

const TIMEOUT_MS = 15_000;
const routes = z.array(z.object({ dst: z.string() }));

/** @throws PlumblineError PL_MASTER (usage) if a node has no interface of that name */
export async function requireMaster(
  nodes: readonly NodeTransport[],
  master: string,
  signal: AbortSignal,
): Promise<void> {
  const seen = await Promise.all(
    nodes.map(async (node) => {
      const argv = ["test", "-e", `/sys/class/net/${master}`];
      const { exitCode } = await node.exec(argv, { timeoutMs: TIMEOUT_MS, okExitCodes: [0, 1], signal });
      return { node: node.node, there: exitCode === 0 };
    }),
  );
  const lacking = seen.find(({ there }) => !there);
  if (!lacking) return;
  throw usageError("PL_MASTER", `node ${lacking.node} has no interface ${master}`, {
    hint: "cluster.master names an interface that every node for pods has; `ip link` on the node shows them",
  });
}

interface Where {
  readonly nodes: readonly NodeTransport[];
  readonly cluster: readonly ClusterNode[];
  readonly signal: AbortSignal;
}

/** Ranges that cases must not use: whatever a node has a route to, pods and services. In CIDR notation. */
export async function rangesInUse(
  kube: Pick<KubeClient, "get">,
  { nodes, cluster, signal }: Where,
): Promise<readonly string[]> {
  const [routed, service] = await Promise.all([
    Promise.all(nodes.map(async (node) => destinationsOn(node, signal))),
    kube.get({ apiVersion: "v1", kind: "Service", namespace: "default", name: "kubernetes" }, { signal }),
  ]);
  const address = service?.spec?.["clusterIP"];
  // how large the range is the API does not tell every user; /12 is kubeadm's
  const services = typeof address === "string" && !address.includes(":") ? [`${address}/12`] : [];
  const all = [...routed.flat(), ...cluster.flatMap(({ podCidrs }) => podCidrs), ...services];
  return [...new Set(all.flatMap((text) => parseCidr(text)?.text ?? []))];
}

async function destinationsOn(node: NodeTransport, signal: AbortSignal): Promise<readonly string[]> {
  const argv = ["ip", "-json", "-4", "route", "show", "table", "main"];
  const { stdout } = await node.exec(argv, { timeoutMs: TIMEOUT_MS, signal });
  return routes
    .parse(JSON.parse(stdout || "[]"))
    .flatMap(({ dst }) => (dst === "default" ? [] : [dst.includes("/") ? dst : `${dst}/32`]));
}
