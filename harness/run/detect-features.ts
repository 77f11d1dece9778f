import type { NodeTransport } from "../nodes/transport.ts";
import { KERNEL_FEATURE } from "../testkit/needs.ts";

export interface Feature {
  readonly name: string;
  readonly present: boolean;
  /** What was seen: the command and its answer. */
  readonly evidence: string;
}

/** Kinds of links that network templates may need of the kernel. */
const LINK_KINDS = ["veth", "bridge", "macvlan", "ipvlan", "vlan", "dummy", "vrf", "vxlan", "ifb", "tap"] as const;

/** A link is made in a network namespace that ends with the command, so nothing can be left behind. */
const PROBE = `
for kind in "$@"; do
  case $kind in
    veth) add='ip link add p0 type veth peer name p1' ;;
    macvlan|ipvlan) add="ip link add b0 type veth peer name b1 && ip link add p0 link b0 type $kind" ;;
    vlan) add='ip link add b0 type veth peer name b1 && ip link add p0 link b0 type vlan id 7' ;;
    vxlan) add='ip link add p0 type vxlan id 7 dstport 4789' ;;
    tap) add='ip tuntap add mode tap name p0' ;;
    vrf) add='ip link add p0 type vrf table 7' ;;
    *) add="ip link add p0 type $kind" ;;
  esac
  if said=$(unshare --net sh -c "$add" 2>&1); then echo "$kind yes"; else echo "$kind no $said"; fi
done
`;

/**
 * Which features the testbed has; cases whose needs are missing are skipped with this evidence. A kernel feature counts
 * if every node has it.
 * @param nodes those that pods are put on
 */
export async function detectFeatures(
  nodes: readonly NodeTransport[],
  signal?: AbortSignal,
): Promise<readonly Feature[]> {
  const answers = await Promise.all(nodes.map(async (node) => linkKinds(node, signal)));
  const kernel = LINK_KINDS.map((kind): Feature => {
    const lacking = answers.find((answer) => answer.get(kind) !== "yes");
    const evidence = lacking
      ? `no ${kind} link on ${lacking.get("node")}: ${lacking.get(kind) ?? "no answer"}`
      : `a ${kind} link was made on ${nodes.map(({ node }) => node).join(" and ")}`;
    return { name: `${KERNEL_FEATURE}${kind}`, present: lacking === undefined && nodes.length > 0, evidence };
  });
  const workers = `${nodes.length} node${nodes.length === 1 ? " takes" : "s take"} pods`;
  return [...kernel, { name: "two-workers", present: nodes.length >= 2, evidence: workers }];
}

/** Kind of link -> `yes`, or why not; and the `node`. */
async function linkKinds(node: NodeTransport, signal: AbortSignal | undefined): Promise<ReadonlyMap<string, string>> {
  const { stdout } = await node.exec(["sh", "-c", PROBE, "probe", ...LINK_KINDS], { timeoutMs: 20_000, signal });
  const lines = stdout.split("\n").flatMap((line): (readonly [string, string])[] => {
    const [, kind = "", said = "", why = ""] = /^(\S+) (yes|no) ?(.*)$/.exec(line) ?? [];
    return kind === "" ? [] : [[kind, said === "yes" ? "yes" : why]];
  });
  return new Map([["node", node.node], ...lines]);
}
