import type { KubeClient } from "../kube/client.ts";
import type { ApiLease } from "../net/api-lease.ts";
import { calicoLeases } from "../net/calico-ipam.ts";
import { ciliumLeases } from "../net/cilium-ipam.ts";

interface Store {
  readonly apiVersion: string;
  readonly kinds: readonly string[];
  readonly leases: (objects: readonly unknown[]) => readonly ApiLease[];
}

/** Default networks that keep their addresses in the API, by the name that stacks have for them. */
const STORES: Readonly<Record<string, Store>> = {
  calico: { apiVersion: "crd.projectcalico.org/v1", kinds: ["IPAMBlock", "IPAMHandle"], leases: calicoLeases },
  cilium: { apiVersion: "cilium.io/v2", kinds: ["CiliumEndpoint", "CiliumNode"], leases: ciliumLeases },
};

/** Names of these networks' configurations -> their store. */
const STORE_OF: Readonly<Record<string, string>> = { "k8s-pod-network": "calico", cilium: "cilium" };

/**
 * What the cluster network's IPAM holds in the API.
 * @param network name of its configuration
 * @returns nothing for one that keeps its addresses on the nodes
 * @throws KubeApiError if the API does not answer
 */
export async function readApiLeases(kube: Pick<KubeClient, "list">, network: string): Promise<readonly ApiLease[]> {
  const store = STORES[STORE_OF[network] ?? ""];
  if (!store) return [];
  const { apiVersion, kinds, leases } = store;
  const lists = await Promise.all(kinds.map((kind) => kube.list({ apiVersion, kind })));
  return leases(lists.flat());
}
