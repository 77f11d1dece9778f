import { z } from "zod";
import { canonicalAddress } from "./address.ts";
import type { ApiLease } from "./api-lease.ts";

/** Name of Cilium's CNI configuration. */
const NETWORK = "cilium";

const endpointSchema = z.looseObject({
  metadata: z.looseObject({ name: z.string(), namespace: z.string().optional() }),
  status: z.looseObject({
    "external-identifiers": z.looseObject({
      "container-id": z.string().optional(),
      /** Container and interface. */
      "cni-attachment-id": z.string().optional(),
    }),
    networking: z.looseObject({
      addressing: z.array(z.looseObject({ ipv4: z.string().optional(), ipv6: z.string().optional() })),
      node: z.string().optional(),
    }),
  }),
});

const nodeSchema = z.looseObject({
  metadata: z.looseObject({ name: z.string() }),
  spec: z.looseObject({
    addresses: z.array(z.looseObject({ ip: z.string(), type: z.string() })).default([]),
  }),
});

/**
 * What Cilium tells of addresses of containers: with the node's own range the agent keeps the store itself, and an object
 * of the kind CiliumEndpoint is what the API has of it.
 * @param objects of the kinds CiliumEndpoint, which names a node by its address, and CiliumNode, which has names for these
 * @source cilium/cilium v1.20.2, pkg/k8s/apis/cilium.io/v2: EndpointStatus, EndpointNetworking, NodeSpec
 */
export function ciliumLeases(objects: readonly unknown[]): readonly ApiLease[] {
  const nodes = new Map(
    objects.flatMap((object) => {
      const node = nodeSchema.safeParse(object).data;
      return node ? node.spec.addresses.map(({ ip }) => [ip, node.metadata.name] as const) : [];
    }),
  );
  return objects.flatMap((object) => {
    const endpoint = endpointSchema.safeParse(object).data;
    if (!endpoint) return [];
    const { metadata, status } = endpoint;
    const identifiers = status["external-identifiers"];
    const containerId = identifiers["container-id"] ?? identifiers["cni-attachment-id"]?.split(":")[0] ?? "";
    const texts = status.networking.addressing.flatMap(({ ipv4, ipv6 }) => [ipv4 ?? "", ipv6 ?? ""]);
    return texts.flatMap((text): ApiLease[] => {
      const address = canonicalAddress(text);
      if (address === undefined || containerId === "") return [];
      const name = [metadata.namespace, metadata.name].filter(Boolean).join("/");
      const node = nodes.get(status.networking.node ?? "");
      return [{ store: "cilium", object: `CiliumEndpoint ${name}`, network: NETWORK, address, containerId, node }];
    });
  });
}
