import { canonicalAddress } from "../net/address.ts";
import type { ApiLease } from "../net/api-lease.ts";
import type { NodeState } from "./state.ts";

/** An address that is held for a container: a file of host-local's store, or what the API has. */
export interface NodeLease {
  /** Where it stands: a path on the node, or `STORE:/networks/NETWORK/ADDRESS` for what is in the API. */
  readonly path: string;
  readonly network: string;
  readonly address: string;
  readonly containerId: string;
  /** Empty in files of host-local before 0.9. */
  readonly ifname: string;
}

// The second one is where kindnet's configuration puts the store.
const STORE = /^(?:\/var\/lib\/cni\/networks|\/run\/cni-ipam-state)\/([^/]+)\/([^/]+)$/;

/** The interface of the only network whose addresses are in the API, the cluster network. */
const CLUSTER_IFNAME = "eth0";

/** Identifies a lease of the API among the things of a node. */
export function apiLeasePath({ store, network, address, object }: ApiLease): string {
  return `${store}:/networks/${network}/${address === "" ? object.replace(" ", "/") : address}`;
}

/**
 * Every lease on the node: in host-local's stores, and in the API.
 * @source containernetworking/plugins host-local backend/disk: the file is named after the address (`:` may be `_`), its
 * content is the container id and, on a second line, the interface
 */
export function leasesOf(state: Pick<NodeState, "files" | "apiLeases">): readonly NodeLease[] {
  const inApi = state.apiLeases.filter(({ address }) => address !== "");
  return [
    ...leaseFiles(state),
    ...inApi.map((lease) => {
      const { network, address, containerId } = lease;
      return { path: apiLeasePath(lease), network, address, containerId, ifname: CLUSTER_IFNAME };
    }),
  ];
}

function leaseFiles(state: Pick<NodeState, "files">): readonly NodeLease[] {
  return state.files.flatMap((file) => {
    const [, network, name] = STORE.exec(file.path) ?? [];
    if (network === undefined || name === undefined || file.type !== "file") return [];
    const address = canonicalAddress(name) ?? canonicalAddress(name.replaceAll("_", ":"));
    if (address === undefined) return [];
    const [containerId = "", ifname = ""] = (file.content ?? "").split(/\r?\n/).map((line) => line.trim());
    return [{ path: file.path, network, address, containerId, ifname }];
  });
}
