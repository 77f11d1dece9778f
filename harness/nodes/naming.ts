import { canonicalAddress } from "../net/address.ts";
import type { ApiLease } from "../net/api-lease.ts";
import type { PodIdentity } from "./identity.ts";
import type { LedgerEntry } from "./ledger-entry.ts";
import type { NodeLease } from "./leases.ts";
import { isSameNamespace, type NamespaceNumbers } from "./same-namespace.ts";
import type { NodeFile, NodeLink, NodeSandbox } from "./state.ts";

/** What is known of a pod that should be gone, and of those that are not. */
export interface Naming {
  readonly identity: PodIdentity;
  /** Those of the pod's addresses that no live pod holds. */
  readonly addresses: ReadonlySet<string>;
  /** Sandboxes of other pods, and the names of their network namespaces. */
  readonly liveSandboxes: ReadonlySet<string>;
  readonly liveNamespaces: ReadonlySet<string>;
  /** By path. */
  readonly leases: ReadonlyMap<string, NodeLease>;
}

/** How a thing on the node names the pod, in a few words; undefined if it does not. */
export function namesPod(entry: LedgerEntry, naming: Naming): string | undefined {
  const { kind, key, value } = entry;
  switch (kind) {
    case "link":
      return linkNames(value as NodeLink, naming);
    case "sandbox":
      return sandboxNames(value as NodeSandbox, naming.identity);
    case "netns":
      return netnsNames(key, value as NamespaceNumbers, naming);
    case "file":
      return fileNames(value as NodeFile, naming);
    case "api-lease":
      return leaseNames(value as ApiLease, naming);
    case "bridge-port":
    case "bridge-vlan":
    case "qdisc":
    case "filter":
      return deviceIn(key, naming.identity);
    case "sysctl": // the settings of an interface are there because the interface is, which is an item
      return undefined;
    case "fdb":
      return deviceIn(key, naming.identity) ?? macIn(key, naming.identity);
    case "neighbour":
      return (
        deviceIn(key, naming.identity) ??
        addressIn(key, naming.addresses) ??
        macIn(JSON.stringify(value), naming.identity)
      );
    case "address":
    case "route":
    case "rule":
      return deviceIn(key, naming.identity) ?? addressIn(`${key} ${textOf(value)}`, naming.addresses);
    case "iptables-chain":
    case "iptables-rule":
    case "nft-table":
    case "nft-chain":
    case "nft-rule":
    case "nft-set":
    case "nft-element":
    case "nft-object":
      return firewallNames(`${key} ${textOf(value)}`, naming);
  }
}

/** What a thing on the node is called that belongs to a pod's interface. */
export function hostEndOf(ifname: string): string {
  return `host end of ${ifname}`;
}

function addressName(address: string): string {
  return `address ${address}`;
}

/** Whether a thing names the pod by an address alone, which another pod may hold by now. */
export function isNamedByAddress({ names }: { readonly names: string }): boolean {
  return names.startsWith(addressName(""));
}

function linkNames(link: NodeLink, { identity }: Naming): string | undefined {
  if (identity.shapingDevices.includes(link.ifname)) return `shaping device ${link.ifname}`;
  for (const own of identity.interfaces) {
    // the kernel counts indexes up and does not use one again, names of veths are random
    const isPeer = own.hostPeerIfindex === link.ifindex || own.hostPeerName === link.ifname;
    if (isPeer) return hostEndOf(own.name);
    if (own.mac !== "" && own.mac === link.address) return `MAC ${own.mac} of ${own.name}`;
  }
  return sandboxIn(textOf(link), identity);
}

function sandboxNames(sandbox: NodeSandbox, identity: PodIdentity): string | undefined {
  if (identity.sandboxIds.includes(sandbox.id)) return `sandbox ${sandbox.id}`;
  return identity.uid !== "" && sandbox.podUid === identity.uid ? `uid ${identity.uid}` : undefined;
}

/** How the invoker's scratch namespaces are named, which belong to no pod. @source programs/cmd/invoker/namespaces.go */
const SCRATCH_NETNS = /^plinv-/;

/** Without cookies it goes by inodes, which are used again at once: then one counts only while nobody alive has it. */
function netnsNames(
  name: string,
  namespace: NamespaceNumbers,
  { identity, liveNamespaces }: Naming,
): string | undefined {
  if (identity.netns.some((own) => own.name === name)) return `namespace ${name}`;
  if (liveNamespaces.has(name) || SCRATCH_NETNS.test(name)) return undefined;
  return identity.netns.some((own) => isSameNamespace(own, namespace)) ? `inode ${namespace.inode}` : undefined;
}

/** Files that hold a container's id in name or content. A lease counts by its address, too, while nobody live owns it. */
function fileNames(file: NodeFile, { identity, addresses, leases, liveSandboxes }: Naming): string | undefined {
  if (file.path.startsWith("/etc/")) return undefined;
  const lease = leases.get(file.path);
  const byId = sandboxIn(`${file.path} ${file.content ?? ""}`, identity);
  if (byId !== undefined) return byId;
  if (identity.uid !== "" && (file.content ?? "").includes(identity.uid)) return `uid ${identity.uid}`;
  const isOwners = lease !== undefined && addresses.has(lease.address) && !liveSandboxes.has(lease.containerId);
  return isOwners && identity.attachments.some((a) => a.network === lease.network)
    ? addressName(lease.address)
    : undefined;
}

/** As files of host-local do: by the container, or by the address while nobody live holds it. */
function leaseNames({ network, address, containerId }: ApiLease, naming: Naming): string | undefined {
  const { identity, addresses, liveSandboxes } = naming;
  if (identity.sandboxIds.includes(containerId)) return `sandbox ${containerId}`;
  const isOwners = addresses.has(address) && !liveSandboxes.has(containerId);
  return isOwners && identity.attachments.some((a) => a.network === network) ? addressName(address) : undefined;
}

function firewallNames(text: string, naming: Naming): string | undefined {
  const { identity } = naming;
  const word = [...identity.chains, ...identity.nftWords].find((name) => text.includes(name));
  if (word !== undefined) return `name ${word}`;
  return sandboxIn(text, identity) ?? deviceIn(text, identity) ?? addressIn(text, naming.addresses);
}

function sandboxIn(text: string, identity: PodIdentity): string | undefined {
  const id = identity.sandboxIds.find((candidate) => text.includes(candidate));
  return id === undefined ? undefined : `sandbox ${id}`;
}

/** Whole words only: `veth1` is not in `veth12`. */
function deviceIn(text: string, { interfaces, shapingDevices }: PodIdentity): string | undefined {
  const found = new Set(text.match(/[\w@.-]+/g));
  const own = interfaces.find(({ hostPeerName }) => hostPeerName !== undefined && found.has(hostPeerName));
  if (own) return `interface ${own.hostPeerName}, ${hostEndOf(own.name)}`;
  const shaping = shapingDevices.find((name) => found.has(name));
  return shaping === undefined ? undefined : `interface ${shaping}`;
}

function macIn(text: string, { interfaces }: PodIdentity): string | undefined {
  const own = interfaces.find((i) => i.mac !== "" && text.includes(i.mac));
  return own && `MAC ${own.mac} of ${own.name}`;
}

/** An address as such, with a prefix length or a port, in any spelling. A network that it lies in is not meant. */
function addressIn(text: string, addresses: ReadonlySet<string>): string | undefined {
  for (const [word] of text.matchAll(/[0-9a-fA-F.:]*[.:][0-9a-fA-F.:]+/g)) {
    for (const candidate of [word, word.replace(/:\d+$/, "")]) {
      const address = canonicalAddress(candidate);
      if (address !== undefined && addresses.has(address)) return addressName(address);
    }
  }
  return undefined;
}

function textOf(value: unknown): string {
  return JSON.stringify(value);
}
