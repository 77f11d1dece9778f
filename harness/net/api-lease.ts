/** An address, or what leads to one, that an IPAM keeps in the API and not on the node. */
export interface ApiLease {
  /** Who keeps it: `calico`, `cilium`. */
  readonly store: string;
  /** Kind and name of the object. */
  readonly object: string;
  /** Name of the CNI configuration. */
  readonly network: string;
  /** Canonical; empty for an entry that leads to none. */
  readonly address: string;
  readonly containerId: string;
  /** Node of the pod; undefined where the object does not tell. */
  readonly node?: string | undefined;
}
