import { z } from "zod";
import { subjectError } from "../core/errors.ts";
import { addressOf, containsAddress, networkOf, parseAddress, parseCidr, type Cidr } from "./address.ts";

/** One address that a pool of whereabouts holds for somebody. */
export interface PoolEntry {
  /** Name of the IPPool. */
  readonly pool: string;
  /** The pool's range in CIDR notation. */
  readonly range: string;
  /** Key of the entry: how far the address lies from the range's own. */
  readonly offset: string;
  /** Canonical. */
  readonly address: string;
  readonly containerId: string;
  /** `namespace/name` of the pod. */
  readonly podRef: string;
  /** Empty in entries of whereabouts before 0.7. */
  readonly ifname: string;
  /** Name that the reservation of the same address has, where ranges may overlap. */
  readonly reservation: string;
}

/** An address that is taken in all ranges of one network name. */
export interface RangeReservation {
  /** The address with `-` for `:`, behind the network's name where it has one. */
  readonly name: string;
  readonly podRef: string;
  readonly ifname: string;
}

/** What whereabouts holds in the API. */
export interface WhereaboutsStore {
  readonly entries: readonly PoolEntry[];
  readonly reservations: readonly RangeReservation[];
}

const owner = { podref: z.string().default(""), ifname: z.string().default("") };

const poolSchema = z.looseObject({
  metadata: z.looseObject({ name: z.string() }),
  spec: z.looseObject({
    range: z.string(),
    allocations: z
      .record(z.string().regex(/^\d+$/, "is no offset"), z.looseObject({ id: z.string().default(""), ...owner }))
      .nullish(),
  }),
});

const reservationSchema = z.looseObject({
  metadata: z.looseObject({ name: z.string() }),
  spec: z.looseObject(owner),
});

/**
 * Reads the objects of whereabouts.
 * @param objects IPPools and OverlappingRangeIPReservations as the API has them
 * @source whereabouts pkg/storage/kubernetes/ipam.go: IPPoolName, NormalizeIP, toAllocationMap
 * @throws PlumblineError PL_IPAM_STORE (subject) naming the object that is not what whereabouts reads itself
 */
export function parseWhereaboutsStore(objects: {
  readonly pools: readonly unknown[];
  readonly reservations: readonly unknown[];
}): WhereaboutsStore {
  return {
    entries: objects.pools.flatMap((object) => entriesOf(parsed(poolSchema, "IPPool", object))),
    reservations: objects.reservations.map((object) => {
      const { metadata, spec } = parsed(reservationSchema, "OverlappingRangeIPReservation", object);
      return { name: metadata.name, podRef: spec.podref, ifname: spec.ifname };
    }),
  };
}

/** Name of the pool of a range. @param network the `network_name` of the configuration, if it has one */
export function poolName(range: string, network = ""): string {
  return named(network, normalized(networkTextOf(range)));
}

/** Name of the reservation of an address. @param network as of `poolName` */
export function reservationName(address: string, network = ""): string {
  return named(network, normalized(address));
}

/**
 * Whether an object of the store is about addresses of a range, whatever network has it.
 * @param name of an IPPool or an OverlappingRangeIPReservation
 */
export function isWithinRange(name: string, range: string): boolean {
  const network = parseCidr(range);
  if (!network) return false;
  // what stands before the address may have hyphens itself: the longest end that can be read is the address
  const parts = name.split("-");
  const ends = parts.map((_, i) => parts.slice(i));
  return ends.some((end) => {
    const address = parseAddress(end.join(":")) ?? parseAddress(end.slice(0, -1).join(":"));
    return address !== undefined && containsAddress(networkOf(network), address);
  });
}

function entriesOf({ metadata, spec }: z.output<typeof poolSchema>): readonly PoolEntry[] {
  const { name: pool } = metadata;
  const range = parseCidr(spec.range);
  if (!range) throw malformed("IPPool", pool, `its range ${JSON.stringify(spec.range)} is none`);
  const network = networkNameOf(pool, spec.range);
  return Object.entries(spec.allocations ?? {}).map(([offset, { id, podref, ifname }]) => {
    const address = addressAt(range, offset);
    if (address === undefined) throw malformed("IPPool", pool, `its offset ${offset} is outside of ${spec.range}`);
    return {
      pool,
      range: spec.range,
      offset,
      address,
      containerId: id,
      podRef: podref,
      ifname,
      reservation: reservationName(address, network),
    };
  });
}

function addressAt(range: Cidr, offset: string): string | undefined {
  const address = addressOf(range.family, range.address.value + BigInt(offset));
  return containsAddress(networkOf(range), address) ? address.text : undefined;
}

/** What stands before the range in the name of a pool. */
function networkNameOf(pool: string, range: string): string {
  const suffix = `-${normalized(range)}`;
  return pool.endsWith(suffix) ? pool.slice(0, -suffix.length) : "";
}

function networkTextOf(range: string): string {
  const cidr = parseCidr(range);
  return cidr ? networkOf(cidr).text : range;
}

function named(network: string, text: string): string {
  return network === "" ? text : `${network}-${text}`;
}

/** Names of objects have no colons, and none may end with one. */
function normalized(text: string): string {
  return (text.endsWith(":") ? `${text}0` : text).replaceAll(/[:/]/g, "-");
}

function parsed<T>(schema: z.ZodType<T>, kind: string, object: unknown): T {
  const result = schema.safeParse(object);
  if (result.success) return result.data;
  const { name = "without a name" } = (object as { metadata?: { name?: string } } | undefined)?.metadata ?? {};
  throw malformed(kind, name, z.prettifyError(result.error));
}

function malformed(kind: string, name: string, why: string): Error {
  return subjectError("PL_IPAM_STORE", `the ${kind} ${name} of whereabouts cannot be read: ${why}`, {
    hint: `kubectl -n kube-system get ${kind.toLowerCase()} ${name} -o yaml`,
  });
}
