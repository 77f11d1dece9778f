import type { Violation } from "./violation.ts";

/** A VF that a pod held, as its node tells of it when the pod is gone. */
export interface HeldVf {
  /** e.g. `0000:a1:10.0` */
  readonly pci: string;
  /** Its name and MAC at home. */
  readonly name: string;
  readonly mac: string;
  /** The MAC that the interface has now; undefined if it does not lie on the node. */
  readonly macNow: string | undefined;
  /** When it vanished with a network namespace while the pod held it, as the watcher wrote down. */
  readonly lostAt: readonly string[];
}

/** The case that says that a VF comes home. */
export const VF_HOME_CASE = "SRV-014";

/**
 * What is wrong with the VFs of a pod that is gone, one item a VF. One that was lost was made again since, so that it lies
 * there as if nothing had happened: the loss is what counts.
 * @source sriov-cni pkg/sriov ReleaseVF; host-device moveLinkOut: the interface goes back under its own name
 */
export function vfViolations(held: readonly HeldVf[], pod: string): readonly Violation[] {
  return held.flatMap((vf) => {
    const wrong = wrongWith(vf);
    if (!wrong) return [];
    const { pci, name, mac, macNow, lostAt } = vf;
    return [
      {
        invariant: "vf-home" as const,
        clauseCase: VF_HOME_CASE,
        pod,
        thing: `VF ${pci}`,
        expected: { interface: name, mac, lost: 0 },
        observed: { interface: macNow === undefined ? undefined : name, mac: macNow, lostAt },
        message: `VF ${pci} (${name}) ${wrong}`,
      },
    ];
  });
}

function wrongWith({ mac, macNow, lostAt }: HeldVf): string | undefined {
  if (lostAt.length > 0)
    return `was destroyed with a network namespace at ${lostAt.join(", ")}: it was not moved out before`;
  if (macNow === undefined) return "is not home: its node has no interface of that name";
  if (macNow !== mac) return `is home with the MAC ${macNow}, not its own ${mac}`;
  return undefined;
}

/** The time in which a pod can have lost a VF; milliseconds. */
export interface Holding {
  readonly fromMs: number;
  /** When the API no longer had it; undefined while it has. */
  readonly goneMs: number | undefined;
}

/**
 * The kernel takes a namespace apart on its own time, and the watcher looks once a second. One that something still holds
 * goes later: the loss is then of the last who held the VF, if nobody else was given it since.
 */
const AFTERMATH_MS = 10_000;

/**
 * Who of those that held a VF one after the other lost it at that time. A namespace dies when its pod ends, so of two it is
 * the one whose end is nearer.
 * @param sinceTaken whether somebody who is not among them may have had it since
 */
export function whoLost<T extends Holding>(
  holders: readonly T[],
  atMs: number,
  { sinceTaken = false }: { readonly sinceTaken?: boolean } = {},
): T | undefined {
  const distance = ({ goneMs }: Holding): number => Math.abs(atMs - (goneMs ?? Number.POSITIVE_INFINITY));
  const nearest = (some: readonly T[]): T | undefined => some.toSorted((a, b) => distance(a) - distance(b))[0];
  const before = holders.filter(({ fromMs }) => fromMs <= atMs);
  const soon = before.filter(({ goneMs }) => goneMs === undefined || atMs <= goneMs + AFTERMATH_MS);
  return nearest(soon) ?? (sinceTaken ? undefined : nearest(before));
}
