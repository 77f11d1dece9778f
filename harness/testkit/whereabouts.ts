import { parseCidr } from "../net/address.ts";
import {
  isWithinRange,
  parseWhereaboutsStore,
  type PoolEntry,
  type WhereaboutsStore,
} from "../net/whereabouts-store.ts";
import type { CaseKube } from "./define.ts";
import type { LiveNetwork, NetworkDeclaration } from "./declare-network.ts";
import type { TestPod } from "./test-pod.ts";

/** Where its manifests put it. */
const NAMESPACE = "kube-system";
const GROUP = "whereabouts.cni.cncf.io/v1alpha1";
const POOL = { apiVersion: GROUP, kind: "IPPool" } as const;
const RESERVATION = { apiVersion: GROUP, kind: "OverlappingRangeIPReservation" } as const;

/** Feature of a testbed that has it. */
export const WHEREABOUTS = "whereabouts";

/** Whether addresses of the network are whereabouts' to give. */
export function isOfWhereabouts({ ipam }: Pick<NetworkDeclaration, "ipam">): boolean {
  return ipam === WHEREABOUTS;
}

/** Whether a network of the pod has its addresses of whereabouts. */
export function asksWhereabouts({ attachments }: Pick<TestPod, "attachments">): boolean {
  return attachments.some(({ network }) => isOfWhereabouts(network.declaration));
}

/**
 * What whereabouts holds, of all networks.
 * @throws PlumblineError PL_IPAM_STORE (subject) if an object is not as whereabouts writes it
 */
export async function readWhereabouts(kube: Pick<CaseKube, "list">): Promise<WhereaboutsStore> {
  const [pools, reservations] = await Promise.all([kube.list(POOL), kube.list(RESERVATION)]);
  return parseWhereaboutsStore({ pools, reservations });
}

/** The part of the store whose addresses are of a network's own ranges, whatever its configuration makes of them. */
export function ofNetwork({ entries, reservations }: WhereaboutsStore, live: LiveNetwork): WhereaboutsStore {
  const ranges = [live.range, live.range6];
  const isOwn = (name: string): boolean => ranges.some((range) => isWithinRange(name, range));
  return {
    entries: entries.filter((entry) => isOwn(entry.reservation)),
    reservations: reservations.filter((reservation) => isOwn(reservation.name)),
  };
}

/** Takes an entry out of its pool behind the back of whereabouts, as somebody else's mistake would. */
export async function loseEntry(kube: Pick<CaseKube, "patch">, { pool, offset }: PoolEntry): Promise<void> {
  const remove = [{ op: "remove", path: `/spec/allocations/${offset}` }];
  await kube.patch({ ...POOL, namespace: NAMESPACE, name: pool }, remove, { type: "json" });
}

/**
 * Removes the pools of networks and what is reserved of their ranges. A pool outlives its last entry, and what was left in
 * it would be judged again where the ranges are used again.
 */
export async function removePools(
  kube: Pick<CaseKube, "list" | "delete">,
  networks: readonly LiveNetwork[],
): Promise<void> {
  const ranges = networks
    .filter(({ declaration }) => isOfWhereabouts(declaration))
    .flatMap((live) => [live.range, live.range6]);
  if (ranges.length === 0) return;
  const objects = [...(await kube.list(POOL)), ...(await kube.list(RESERVATION))];
  const isOwn = (name: string, of: unknown): boolean =>
    ranges.some((range) => isWithinRange(name, range) || (typeof of === "string" && holds(of, range)));
  const own = objects.filter(({ metadata, spec }) => isOwn(metadata.name, spec?.["range"]));
  await Promise.all(
    own.map(({ apiVersion, kind, metadata: { namespace, name } }) =>
      kube.delete({ apiVersion, kind, namespace, name }),
    ),
  );
}

/** Whether a range of a pool holds that of a network: those of cases may be wider than their own. */
function holds(wide: string, range: string): boolean {
  const [outer, inner] = [parseCidr(wide), parseCidr(range)];
  return outer !== undefined && inner !== undefined && isWithinRange(inner.address.text.replaceAll(":", "-"), wide);
}
