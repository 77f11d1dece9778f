import { z } from "zod";
import type { ApiLease } from "./api-lease.ts";
import { nthAddress, parseCidr, sizeOf } from "./address.ts";

const STORE = "calico";

const attribute = z.looseObject({
  handle_id: z.string().nullish(),
  secondary: z.record(z.string(), z.string()).nullish(),
});

const blockSchema = z.looseObject({
  metadata: z.looseObject({ name: z.string() }),
  spec: z.looseObject({
    cidr: z.string(),
    allocations: z.array(z.number().nullable()),
    attributes: z.array(attribute).default([]),
  }),
});

const handleSchema = z.looseObject({
  metadata: z.looseObject({ name: z.string() }),
  spec: z.looseObject({
    handleID: z.string(),
    block: z.record(z.string(), z.number()).default({}),
    deleted: z.boolean().optional(),
  }),
});

/** The handle of a pod's address: network and container. Tunnels and services have handles of another form. */
const HANDLE = /^(.+)\.([0-9a-f]{64})$/;

/**
 * What Calico's IPAM holds for containers: addresses by its blocks, and handles that lead to no address any more.
 * @param objects of the kinds IPAMBlock and IPAMHandle; what has another shape is passed over
 * @source projectcalico/calico v3.32.1, libcalico-go: ipam blocks number their addresses from the first of their range, and
 * the handle of a workload is the name of the network and the id of the container
 */
export function calicoLeases(objects: readonly unknown[]): readonly ApiLease[] {
  const leases = objects.flatMap((object) => {
    const block = blockSchema.safeParse(object).data;
    return block ? leasesOfBlock(block) : [];
  });
  const held = new Set(leases.map(({ network, containerId }) => `${network}.${containerId}`));
  const empty = objects.flatMap((object): ApiLease[] => {
    const handle = handleSchema.safeParse(object).data;
    const [id = "", network = "", containerId = ""] = HANDLE.exec(handle?.spec.handleID ?? "") ?? [];
    if (!handle || id === "" || handle.spec.deleted === true || held.has(id)) return [];
    const named = `IPAMHandle ${handle.metadata.name}`;
    return [{ store: STORE, object: named, network, address: "", containerId, node: undefined }];
  });
  return [...leases, ...empty];
}

function leasesOfBlock({ metadata, spec }: z.output<typeof blockSchema>): readonly ApiLease[] {
  return spec.allocations.flatMap((index, ordinal) => {
    const owner = index === null ? undefined : spec.attributes[index];
    const [, network, containerId] = HANDLE.exec(owner?.handle_id ?? "") ?? [];
    const address = addressAt(spec.cidr, ordinal);
    if (network === undefined || containerId === undefined || address === undefined) return [];
    const node = owner?.secondary?.["node"];
    return [{ store: STORE, object: `IPAMBlock ${metadata.name}`, network, address, containerId, node }];
  });
}

/** The address of that place in a block; undefined if the block is smaller. */
function addressAt(cidr: string, ordinal: number): string | undefined {
  const parsed = parseCidr(cidr);
  return parsed && BigInt(ordinal) < sizeOf(parsed) ? nthAddress(parsed, ordinal).text : undefined;
}
