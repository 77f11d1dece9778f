import { cacheFileName, ipamTypeOf, type CachedDelegate, type CniCacheEntry } from "../net/cni-cache.ts";
import type { CniResult } from "../net/cni-result.ts";

/** An interface in the pod's network namespace, as the kernel tells. */
export interface KernelLink {
  readonly name: string;
  readonly mac: string;
  readonly mtu?: number | undefined;
  /** `veth`, `macvlan`, ...; undefined for the loopback. */
  readonly linkKind?: string | undefined;
  /** CIDR notation. */
  readonly addresses: readonly string[];
}

export interface KernelRoute {
  /** `default` or CIDR notation. */
  readonly dst: string;
  readonly via?: string | undefined;
  readonly dev: string;
  readonly family: "ipv4" | "ipv6";
}

/** One file of host-local's store. */
export interface Lease {
  readonly network: string;
  readonly address: string;
  readonly containerId: string;
  readonly ifname: string;
}

/** One address in a pool of whereabouts. */
export interface PooledAddress {
  readonly pool: string;
  readonly address: string;
  readonly containerId: string;
  readonly ifname: string;
}

/** One network of a pod as Multus and libcni remember it. */
export interface AttachmentSeen {
  /** How the status names it: `namespace/name`, or the CNI name of the cluster network. */
  readonly network: string;
  /** Name of the CNI configuration. */
  readonly networkName: string;
  /** CNI_IFNAME of its ADD. */
  readonly ifName: string;
  readonly isDefault: boolean;
  /** `host-local`, `static`, ...; undefined if the configuration names none. */
  readonly ipam: string | undefined;
  /** What its plugins answered; undefined if the cache holds nothing. */
  readonly result: CniResult | undefined;
}

/** What the four sources say of one pod at one time. */
export interface PodObservation {
  /** `namespace/name` */
  readonly pod: string;
  readonly api: {
    readonly podIPs: readonly string[];
    /** Text of the annotation, undefined if the pod has none. */
    readonly networkStatus: string | undefined;
  };
  /** In the order of attachment: the cluster network first. */
  readonly attachments: readonly AttachmentSeen[];
  readonly kernel: { readonly links: readonly KernelLink[] };
  /** Of the whole node, or those of this pod. */
  readonly leases: readonly Lease[];
  /** Of the whole cluster, or those of this pod; undefined where no network of the pod asks whereabouts. */
  readonly pooled?: readonly PooledAddress[] | undefined;
  readonly sandboxId: string;
}

/**
 * Joins Multus' list of a pod's networks with libcni's cached results of the same sandbox.
 * @param podIfName the interface of the cluster network
 * @source multus-cni pkg/multus getIfname: the generated name is `net` and the position in the list
 */
export function attachmentsOf(
  delegates: readonly CachedDelegate[],
  cache: { readonly sandboxId: string; readonly entries: readonly CniCacheEntry[]; readonly podIfName?: string },
): readonly AttachmentSeen[] {
  const { sandboxId: containerId, podIfName = "eth0" } = cache;
  return delegates.map(({ name, networkName, ifNameRequest, config }, index) => {
    const ifName = ifNameRequest ?? (index === 0 ? podIfName : `net${index}`);
    const file = cacheFileName({ networkName, containerId, ifName });
    const entry = cache.entries.find((candidate) => cacheFileName(candidate) === file);
    const executed = entry?.config ?? config;
    return {
      network: name,
      networkName,
      ifName,
      isDefault: index === 0,
      ipam: executed && ipamTypeOf(executed),
      result: entry?.result,
    };
  });
}
