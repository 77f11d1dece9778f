/** IPAM plugins that the network templates know. */
export type Ipam = "host-local" | "static";

/** A secondary network that a suite needs: a NetworkAttachmentDefinition of its own in each lane. */
export interface NetworkDeclaration {
  /** Short name, unique in its suite; begins the name of the object in the cluster. */
  readonly key: string;
  /** A file of fixtures/networks. */
  readonly type: string;
  readonly ipam: Ipam;
  /** Whether it lies in the namespace of the pods or in another one. */
  readonly namespace: "own" | "other";
}

/** A declared network as it is in the cluster. */
export interface LiveNetwork {
  readonly declaration: NetworkDeclaration;
  /** Name and namespace of the NetworkAttachmentDefinition; the name is also the CNI network name. */
  readonly name: string;
  readonly namespace: string;
  /** The IPv4 range in CIDR notation. Addresses from .128 on are never handed out by itself: requests may use them. */
  readonly range: string;
  readonly gateway: string;
  /** The address that a static network gives. */
  readonly staticAddress: string;
  /** The n-th address of the range, without prefix length. */
  address(n: number): string;
}

export function network(
  key: string,
  options: { readonly type: string; readonly ipam: Ipam; readonly namespace?: "own" | "other" },
): NetworkDeclaration {
  return { key, type: options.type, ipam: options.ipam, namespace: options.namespace ?? "own" };
}
