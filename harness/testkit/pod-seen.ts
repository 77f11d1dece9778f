import { addressPart, containsAddress, isLinkLocal, parseCidr } from "../net/address.ts";
import type { NetworkStatus } from "../net/network-status.ts";
import type { PoolEntry } from "../net/whereabouts-store.ts";
import type { KernelLink, KernelRoute, Lease } from "../verdicts/pod-observation.ts";

export interface PodFacts {
  readonly podIPs: readonly string[];
  readonly status: readonly NetworkStatus[];
  readonly links: readonly KernelLink[];
  readonly routes: readonly KernelRoute[];
  readonly leases: readonly Lease[];
  readonly pooled: readonly PoolEntry[];
  readonly sandboxId: string;
  readonly clusterNetwork: string;
  readonly podRanges: readonly string[];
}

/** A pod as it was seen at one time: the API, the kernel, the files on the node. Nothing here asks again. */
export class PodSeen {
  readonly podIPs: readonly string[];
  /** The network-status annotation. */
  readonly status: readonly NetworkStatus[];
  /** Interfaces in the pod. */
  readonly links: readonly KernelLink[];
  /** Host-local leases that name the pod's sandbox. */
  readonly leases: readonly Lease[];
  /** Entries in pools of whereabouts that name it, where a network of the pod asks whereabouts. */
  readonly pooled: readonly PoolEntry[];
  readonly sandboxId: string;
  /** Name of the cluster network's CNI configuration. */
  readonly clusterNetwork: string;
  readonly #facts: PodFacts;

  constructor(facts: PodFacts) {
    this.#facts = facts;
    this.podIPs = facts.podIPs;
    this.status = facts.status;
    this.links = facts.links;
    this.leases = facts.leases;
    this.pooled = facts.pooled;
    this.sandboxId = facts.sandboxId;
    this.clusterNetwork = facts.clusterNetwork;
  }

  /** Interfaces with an address in the range (CIDR). */
  linksIn(range: string): readonly KernelLink[] {
    return this.links.filter((link) => link.addresses.some((address) => inRange(address, range)));
  }

  /** Addresses of an interface in CIDR notation. */
  cidrsOf(ifname: string): readonly string[] {
    return this.links.find((link) => link.name === ifname)?.addresses ?? [];
  }

  /** The same without prefix lengths. */
  addressesOf(ifname: string): readonly string[] {
    return this.cidrsOf(ifname).map((cidr) => cidr.slice(0, cidr.indexOf("/")));
  }

  /** Default routes of the main table. */
  defaultRoutes(family: "ipv4" | "ipv6"): readonly { dst: string; via?: string; dev: string }[] {
    return this.#facts.routes
      .filter((route) => route.dst === "default" && route.family === family)
      .map(({ dst, via, dev }) => ({ dst, ...(via === undefined ? {} : { via }), dev }));
  }

  /** Whether an address lies in the cluster's pod ranges. */
  isPodAddress(address: string): boolean {
    return this.#facts.podRanges.some((range) => inRange(address, range));
  }
}

function inRange(address: string, range: string): boolean {
  const network = parseCidr(range);
  const one = addressPart(address);
  return network !== undefined && one !== undefined && containsAddress(network, one);
}

/** Whether the kernel gave this address by itself. */
export function isKernelsOwn(cidr: string): boolean {
  const address = addressPart(cidr);
  return address !== undefined && isLinkLocal(address);
}
