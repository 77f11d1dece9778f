import { harnessError } from "../core/errors.ts";
import { canonicalJson, sha256 } from "../core/json.ts";
import type { ClusterNode } from "../cluster/cluster.ts";
import { POD_SUBNETS } from "../cluster/kind-config.ts";
import { parseCidr, type Family } from "../net/address.ts";
import type { NodeTransport } from "../nodes/transport.ts";
import { CNI_CONF_DIR } from "../nodes/cni-folders.ts";
import type { Component, StackContext } from "./component.ts";

/** What the default network is called and which version of CNI it speaks: the one place for both. */
export const PTP_NETWORK = { name: "plumbline-ptp", cniVersion: "0.3.1" } as const;

const CONFLIST = `${CNI_CONF_DIR}/10-ptp.conflist`;

/**
 * A plain default network of the reference plugins alone: ptp, host-local on the node's own pod ranges, portmap; a route
 * to the pod ranges of every other node, and one masquerade rule a family for what leaves the pod network.
 */
export function ptp({
  cniVersion = PTP_NETWORK.cniVersion,
}: { readonly cniVersion?: string | undefined } = {}): Component {
  return {
    name: "ptp",
    images: [],
    plugins: [],
    async install(context) {
      await Promise.all(context.nodes.map((transport) => installOn(transport, context, cniVersion)));
    },
    // it is in place when it is written; whether it works is seen by a pod
    async ready() {},
    async subjects(context) {
      const conflists = context.cluster.nodes.map((node) => conflist({ ...node, podCidrs: [] }, cniVersion));
      return [
        {
          name: "ptp",
          version: cniVersion,
          origin: "own",
          source: "conflist of the reference plugins ptp, host-local and portmap, routes between the nodes",
          digest: `sha256:${sha256(canonicalJson(conflists[0]))}`,
          changes: [],
        },
      ];
    },
    async remove(context) {
      await Promise.all(context.nodes.map((transport) => removeFrom(transport, context)));
    },
  };
}

/** The conflist of one node. */
export function conflist(
  node: Pick<ClusterNode, "podCidrs">,
  cniVersion: string = PTP_NETWORK.cniVersion,
): Readonly<Record<string, unknown>> {
  const families = node.podCidrs.map(familyOf);
  return {
    ...PTP_NETWORK,
    cniVersion,
    plugins: [
      {
        type: "ptp",
        ipMasq: false,
        ipam: {
          type: "host-local",
          ranges: node.podCidrs.map((subnet) => [{ subnet }]),
          routes: families.map((family) => ({ dst: family === 4 ? "0.0.0.0/0" : "::/0" })),
        },
      },
      { type: "portmap", capabilities: { portMappings: true } },
    ],
  };
}

async function installOn(
  transport: NodeTransport,
  { cluster, signal }: StackContext,
  cniVersion: string,
): Promise<void> {
  const node = cluster.nodes.find((n) => n.name === transport.node);
  if (!node) throw harnessError("PL_NODE_UNKNOWN", `${transport.node} is no node of cluster ${cluster.spec.name}`);
  const others = cluster.nodes.filter((n) => n !== node);
  // the conflist comes last: with it the runtime takes the network for ready
  const script = ["set -e", ...routes(others, "replace"), ...masquerades(node)].join("\n");
  await transport.exec(["sh", "-c", script], { timeoutMs: 30_000, signal });
  await transport.writeFile(CONFLIST, `${JSON.stringify(conflist(node, cniVersion), null, 2)}\n`, 0o644);
}

async function removeFrom(transport: NodeTransport, { cluster, signal }: StackContext): Promise<void> {
  const node = cluster.nodes.find((n) => n.name === transport.node);
  const others = cluster.nodes.filter((n) => n !== node);
  const rules = node ? masquerades(node, "-D").map((rule) => `${rule} || true`) : [];
  const script = [`rm -f ${CONFLIST}`, ...routes(others, "del").map((route) => `${route} || true`), ...rules].join(
    "\n",
  );
  await transport.exec(["sh", "-c", script], { timeoutMs: 30_000, signal });
}

function routes(others: readonly ClusterNode[], verb: "replace" | "del"): string[] {
  return others.flatMap((other) =>
    other.podCidrs.map((cidr) => {
      const via = other.addresses.find((address) => address.includes(":") === cidr.includes(":"));
      return `ip -${familyOf(cidr)} route ${verb} ${cidr} via ${via}`;
    }),
  );
}

function masquerades(node: ClusterNode, verb: "-A" | "-D" = "-A"): string[] {
  return node.podCidrs.map((cidr) => {
    const family = familyOf(cidr);
    const program = family === 4 ? "iptables" : "ip6tables";
    const rule = `-s ${cidr} ! -d ${POD_SUBNETS[family]} -m comment --comment ${PTP_NETWORK.name} -j MASQUERADE`;
    const check = verb === "-A" ? `${program} -w -t nat -C POSTROUTING ${rule} 2>/dev/null || ` : "";
    return `${check}${program} -w -t nat ${verb} POSTROUTING ${rule}`;
  });
}

function familyOf(cidr: string): Family {
  const parsed = parseCidr(cidr);
  if (!parsed) throw harnessError("PL_ADDRESS", `${JSON.stringify(cidr)} is no pod range`);
  return parsed.family;
}
