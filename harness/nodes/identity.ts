import { addressPart, isLinkLocal } from "../net/address.ts";
import { parseLibcniCache } from "../net/cni-cache.ts";
import { cniNames, type CniAttachment } from "./cni-names.ts";
import { leasesOf } from "./leases.ts";
import type { NamespaceNumbers } from "./same-namespace.ts";
import type { NodeLink, NodeNamespace, NodeSandbox, NodeState } from "./state.ts";

export interface PodRef {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

/** An interface in the pod, and the host's end of it where it has one. */
export interface PodInterface {
  readonly name: string;
  readonly mac: string;
  readonly ifindex: number;
  readonly linkKind: string | undefined;
  readonly mtu: number;
  readonly hostPeerIfindex: number | undefined;
  readonly hostPeerName: string | undefined;
  /** CIDR notation, link-local ones included. */
  readonly addresses: readonly string[];
}

/** Everything that can name a pod on its node, collected while it lives. */
export interface PodIdentity extends PodRef {
  readonly node: string;
  /** All of them: a pod whose sandbox was made anew has several. */
  readonly sandboxIds: readonly string[];
  readonly netns: readonly (NamespaceNumbers & { readonly name: string; readonly path: string })[];
  readonly interfaces: readonly PodInterface[];
  readonly attachments: readonly CniAttachment[];
  /**
   * Canonical addresses of the pod without link-local ones, as the kernel and host-local tell. Those of CNI results are
   * left out: a result that lies would make somebody else's address the pod's.
   */
  readonly addresses: readonly string[];
  /** Computed names of iptables chains. */
  readonly chains: readonly string[];
  /** Computed names of shaping devices. */
  readonly shapingDevices: readonly string[];
  /** Computed words in nftables rules and chains. */
  readonly nftWords: readonly string[];
  /** Files that libcni, Multus and host-local keep of it. */
  readonly files: readonly string[];
}

/** Collects what names a pod on this node. A pod that is not there gives an identity without sandboxes. */
export function identifyPod(state: NodeState, pod: PodRef): PodIdentity {
  const sandboxes = state.sandboxes.filter((sandbox) => isOf(sandbox, pod));
  const sandboxIds = sandboxes.map((sandbox) => sandbox.id);
  const namespaces = state.namespaces.filter((n) => n.mounted && sandboxes.some((s) => isNamespaceOf(n, s)));
  const interfaces = namespaces.flatMap((namespace) => interfacesOf(state, namespace));
  const attachments = cachedAttachments(state, sandboxIds);
  const leases = leasesOf(state).filter((lease) => sandboxIds.includes(lease.containerId));
  return {
    ...pod,
    node: state.node,
    sandboxIds,
    netns: namespaces.map(({ name, path, inode, cookie }) => ({ name, path, inode, cookie })),
    interfaces,
    attachments,
    addresses: canonical([...interfaces.flatMap((i) => i.addresses), ...leases.map((l) => l.address)]),
    ...computedNames(attachments),
    files: state.files.filter((f) => sandboxIds.some((id) => f.path.includes(id))).map((f) => f.path),
  };
}

/** What names a pod of which nothing is known but its sandboxes, and what they were to be attached to. */
export function identityOfSandboxes(
  pod: PodRef,
  known: {
    readonly node: string;
    readonly sandboxIds: readonly string[];
    readonly attachments: readonly Pick<CniAttachment, "network" | "ifname">[];
  },
): PodIdentity {
  const { node, sandboxIds } = known;
  const attachments = sandboxIds.flatMap((containerId) => known.attachments.map((a) => ({ ...a, containerId })));
  return {
    ...pod,
    node,
    sandboxIds,
    netns: [],
    interfaces: [],
    attachments,
    addresses: [],
    ...computedNames(attachments),
    files: [],
  };
}

/** What plugins name after container, network and interface. */
function computedNames(attachments: readonly CniAttachment[]) {
  const names = attachments.map((attachment) => cniNames(attachment));
  return {
    chains: unique(names.flatMap((n) => [n.masqueradeChain, n.portmapChain])),
    shapingDevices: unique(names.map((n) => n.shapingDevice)),
    nftWords: unique(names.flatMap((n) => [n.masqueradeComment, n.spoofCheck])),
  };
}

/** Joins what was seen of the same pod at two times, such as before and after its sandbox was made anew. */
export function mergeIdentities(earlier: PodIdentity, later: PodIdentity): PodIdentity {
  return {
    ...later,
    sandboxIds: join(earlier.sandboxIds, later.sandboxIds),
    netns: join(earlier.netns, later.netns),
    interfaces: join(earlier.interfaces, later.interfaces),
    attachments: join(earlier.attachments, later.attachments),
    addresses: join(earlier.addresses, later.addresses),
    chains: join(earlier.chains, later.chains),
    shapingDevices: join(earlier.shapingDevices, later.shapingDevices),
    nftWords: join(earlier.nftWords, later.nftWords),
    files: join(earlier.files, later.files),
  };
}

/** Whether a named namespace is that of a sandbox: the runtime says /var/run/netns/x where the kernel has /run/netns/x. */
export function isNamespaceOf(
  namespace: Pick<NodeNamespace, "name">,
  sandbox: Pick<NodeSandbox, "netnsPath">,
): boolean {
  return sandbox.netnsPath !== "" && sandbox.netnsPath.split("/").at(-1) === namespace.name;
}

function isOf(sandbox: NodeSandbox, pod: PodRef): boolean {
  return pod.uid === "" ? sandbox.namespace === pod.namespace && sandbox.name === pod.name : sandbox.podUid === pod.uid;
}

function interfacesOf(state: NodeState, namespace: NodeNamespace): readonly PodInterface[] {
  return namespace.links
    .filter((link) => !link.flags.includes("LOOPBACK"))
    .map((link) => {
      const peer = hostPeerOf(state, link);
      const addresses = namespace.addresses.filter((entry) => entry.ifindex === link.ifindex);
      return {
        name: link.ifname,
        mac: link.address ?? "",
        ifindex: link.ifindex,
        linkKind: link.linkinfo?.info_kind,
        mtu: link.mtu,
        hostPeerIfindex: peer?.ifindex,
        hostPeerName: peer?.ifname,
        addresses: addresses.flatMap((entry) => entry.addr_info.map((info) => `${info.local}/${info.prefixlen}`)),
      };
    });
}

/**
 * The other end of a veth, if it is on the node. Both ends name each other's index; an index alone is unique only within
 * a namespace, so that both directions are looked at. A macvlan's `link_index` is its master, which is not a peer.
 */
function hostPeerOf(state: NodeState, link: NodeLink): NodeLink | undefined {
  if (link.linkinfo?.info_kind !== "veth" || link.link_index === undefined) return undefined;
  const candidates = state.links.filter((host) => host.ifindex === link.link_index && host.link_index === link.ifindex);
  return candidates.find((host) => host.linkinfo?.info_kind === "veth");
}

const CACHES = ["/var/lib/cni/results/", "/var/lib/cni/multus/results/"];

/** What libcni's cache knows of the containers. A file that cannot be read is some verdict's business, not this one's. */
function cachedAttachments(state: NodeState, sandboxIds: readonly string[]): readonly CniAttachment[] {
  return state.files.flatMap((file) => {
    const mine = sandboxIds.some((id) => file.path.includes(id)) && CACHES.some((dir) => file.path.startsWith(dir));
    if (!mine || file.content === undefined) return [];
    try {
      const entry = parseLibcniCache(file.content);
      return [{ network: entry.networkName, containerId: entry.containerId, ifname: entry.ifName }];
    } catch {
      return [];
    }
  });
}

function canonical(texts: readonly string[]): readonly string[] {
  const found = texts.map((text) => addressPart(text)).filter((address) => address !== undefined);
  return unique(found.filter((address) => !isLinkLocal(address)).map((address) => address.text));
}

function join<T>(a: readonly T[], b: readonly T[]): readonly T[] {
  return [...new Map([...a, ...b].map((item) => [JSON.stringify(item), item])).values()];
}

function unique(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)];
}
