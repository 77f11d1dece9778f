import type { NodeTransport } from "../nodes/transport.ts";

export interface Feature {
  readonly name: string;
  readonly present: boolean;
  /** What was seen: the command and its answer. */
  readonly evidence: string;
}

/** Kinds of links that network templates may need of the kernel. */
const LINK_KINDS = ["veth", "bridge", "macvlan", "ipvlan", "vlan", "dummy", "vrf", "vxlan", "ifb"] as const;

/** A link is made in a network namespace that ends with the command, so nothing can be left behind. */
const PROBE = `
for kind in "$@"; do
  case $kind in
    veth) add='ip link add p0 type veth peer name p1' ;;
    macvlan|ipvlan) add="ip link add b0 type veth peer name b1 && ip link add p0 link b0 type $kind" ;;
    vlan) add='ip link add b0 type veth peer name b1 && ip link add p0 link b0 type vlan id 7' ;;
    vxlan) add='ip link add p0 type vxlan id 7 dstport 4789' ;;
    vrf) add='ip link add p0 type vrf table 7' ;;
    *) add="ip link add p0 type $kind" ;;
  esac
  if said=$(unshare --net sh -c "$add" 2>&1); then echo "$kind yes"; else echo "$kind no $said"; fi
done
`;

/** Which features the testbed has; cases whose needs are missing are skipped with this evidence. */
export async function detectFeatures(nodes: readonly NodeTransport[], workers: number): Promise<readonly Feature[]> {
  const [node] = nodes;
  const kernel = node ? await kernelFeatures(node) : [];
  const spare = Math.max(workers, 1);
  return [...kernel, { name: "two-workers", present: spare >= 2, evidence: `${spare} node(s) take pods` }];
}

async function kernelFeatures(node: NodeTransport): Promise<readonly Feature[]> {
  const answer = await node.exec(["sh", "-c", PROBE, "probe", ...LINK_KINDS], { timeoutMs: 20_000 });
  const lines = answer.stdout.split("\n").map((line) => /^(\S+) (yes|no) ?(.*)$/.exec(line));
  return LINK_KINDS.map((kind) => {
    const [, , said, why] = lines.find((line) => line?.[1] === kind) ?? [];
    const evidence =
      said === "yes"
        ? `a ${kind} link was made on ${node.node}`
        : `no ${kind} link on ${node.node}: ${why ?? "no answer"}`;
    return { name: `kernel-${kind}`, present: said === "yes", evidence };
  });
}
