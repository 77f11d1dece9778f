import { AddressSet } from "./address-set.ts";
import type { AttachmentSeen, PodObservation, PooledAddress } from "./pod-observation.ts";
import type { Finding } from "./violation.ts";

const IPAM = "whereabouts";

/**
 * Pools of whereabouts in the API: each attachment that it serves has an entry there, of its sandbox and interface, and
 * each such entry is an address of that interface. Addresses besides are allowed: those that the configuration or the pod
 * asks for are kept nowhere.
 * @source whereabouts README, Introduction; pkg/storage/kubernetes/ipam.go
 */
export function poolViolations(observation: PodObservation): readonly Finding[] {
  const { pooled } = observation;
  if (pooled === undefined) return [];
  const own = pooled.filter((entry) => entry.containerId === observation.sandboxId);
  const served = observation.attachments.filter(({ ipam }) => ipam === IPAM);
  const stray = own.filter((entry) => !served.some(({ ifName }) => ifName === entry.ifname));
  return [
    ...served.flatMap((attachment) =>
      attachmentFindings(
        observation,
        attachment,
        own.filter((entry) => entry.ifname === attachment.ifName),
      ),
    ),
    ...stray.map((entry) =>
      finding(`entry ${entry.address}`, {
        expected: null,
        observed: entry,
        message: `whereabouts holds ${entry.address} in ${entry.pool} for ${entry.ifname}, which no attachment served by it has`,
      }),
    ),
  ];
}

function attachmentFindings(
  { kernel }: PodObservation,
  { ifName }: AttachmentSeen,
  entries: readonly PooledAddress[],
): readonly Finding[] {
  const link = kernel.links.find(({ name }) => name === ifName);
  // an interface that is missing is somebody else's finding
  if (!link) return [];
  const inKernel = AddressSet.ofLink(link.addresses);
  const held = new AddressSet(entries.map(({ address }) => address));
  if (held.size > 0 && held.isWithin(inKernel)) return [];
  return [
    finding(`entries of ${ifName}`, {
      expected: inKernel.texts,
      observed: held.texts,
      message: `${ifName} has ${inKernel.texts.join(", ") || "no address"}, but whereabouts holds ${held.texts.join(", ") || "nothing"} for it`,
    }),
  ];
}

function finding(thing: string, rest: Pick<Finding, "expected" | "observed" | "message">): Finding {
  return { clauseCase: "IPM-013", thing, ...rest };
}
