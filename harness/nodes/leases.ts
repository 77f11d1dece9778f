import { canonicalAddress } from "../net/address.ts";
import type { NodeState } from "./state.ts";

/** One file of host-local's store. */
export interface NodeLease {
  readonly path: string;
  readonly network: string;
  readonly address: string;
  readonly containerId: string;
  /** Empty in files of host-local before 0.9. */
  readonly ifname: string;
}

// The second one is where kindnet's configuration puts the store.
const STORE = /^(?:\/var\/lib\/cni\/networks|\/run\/cni-ipam-state)\/([^/]+)\/([^/]+)$/;

/**
 * Every lease in host-local's stores on the node.
 * @source containernetworking/plugins host-local backend/disk: the file is named after the address (`:` may be `_`), its
 * content is the container id and, on a second line, the interface
 */
export function leasesOf(state: Pick<NodeState, "files">): readonly NodeLease[] {
  return state.files.flatMap((file) => {
    const [, network, name] = STORE.exec(file.path) ?? [];
    if (network === undefined || name === undefined || file.type !== "file") return [];
    const address = canonicalAddress(name) ?? canonicalAddress(name.replaceAll("_", ":"));
    if (address === undefined) return [];
    const [containerId = "", ifname = ""] = (file.content ?? "").split(/\r?\n/).map((line) => line.trim());
    return [{ path: file.path, network, address, containerId, ifname }];
  });
}
