import type { WhereaboutsStore } from "../net/whereabouts-store.ts";
import type { PodIdentity } from "./identity.ts";
import type { ResidueItem } from "./residue.ts";

/**
 * What whereabouts still holds in the API of a pod that should be gone. A reservation names no container: it counts unless
 * a pod of the same name, which has come since, holds an address under it.
 */
export function poolResidue(identity: PodIdentity, store: WhereaboutsStore): readonly ResidueItem[] {
  const { namespace, name, sandboxIds } = identity;
  const podRef = `${namespace}/${name}`;
  const own = store.entries.filter(({ containerId }) => sandboxIds.includes(containerId));
  const others = store.entries.filter(({ containerId }) => !sandboxIds.includes(containerId));
  const isOfNextPod = (reservation: string): boolean =>
    others.some((entry) => entry.podRef === podRef && entry.reservation === reservation);
  const reserved = store.reservations.filter(
    (reservation) => reservation.podRef === podRef && !isOfNextPod(reservation.name),
  );
  return [
    ...own.map(({ pool, offset, address, containerId, ifname }) => ({
      kind: "lease" as const,
      key: `ippools/${pool}/${offset}`,
      what: `${address} for ${ifname} of ${podRef}`,
      names: `sandbox ${containerId}`,
      inApi: true,
    })),
    ...reserved.map((reservation) => ({
      kind: "lease" as const,
      key: `overlappingrangeipreservations/${reservation.name}`,
      what: `reserved for ${reservation.ifname} of ${podRef}`,
      names: `pod ${podRef}`,
      inApi: true,
    })),
  ];
}
