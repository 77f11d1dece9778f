import { podAddresses } from "../net/cni-result.ts";
import { AddressSet } from "./address-set.ts";
import type { AttachmentSeen, Lease, PodObservation } from "./pod-observation.ts";
import type { Finding } from "./violation.ts";

/** IPAMs whose stores are read, by what a configuration calls them. */
const STORES = new Set(["host-local", "calico-ipam", "cilium"]);

/**
 * The store of an IPAM. host-local: one file for each address of each attachment that it serves, naming sandbox and interface, under
 * the name of the network. A store that agrees with the kernel or with the result is not to blame for what those two
 * disagree on.
 * @source containernetworking/plugins host-local, backend/disk
 */
export function leaseViolations(observation: PodObservation): readonly Finding[] {
  const own = observation.leases.filter((lease) => lease.containerId === observation.sandboxId);
  const served = observation.attachments.filter((attachment) => STORES.has(attachment.ipam ?? ""));
  const stray = own.filter((lease) => !served.some((attachment) => attachment.ifName === lease.ifname));
  return [
    ...served.flatMap((attachment) => attachmentFindings(observation, attachment)),
    ...stray.map((lease) =>
      finding(`lease ${lease.address}`, {
        expected: null,
        observed: lease,
        message: `the store of addresses holds ${lease.address} in ${lease.network} for ${lease.ifname}, which no attachment served by it has`,
      }),
    ),
  ];
}

function attachmentFindings(observation: PodObservation, attachment: AttachmentSeen): readonly Finding[] {
  const { ifName, networkName } = attachment;
  const leases = observation.leases.filter((l) => l.containerId === observation.sandboxId && l.ifname === ifName);
  const misplaced = leases.filter((lease) => lease.network !== networkName);
  return [
    ...misplaced.map((lease) =>
      finding(`lease ${lease.address}`, {
        expected: networkName,
        observed: lease.network,
        message: `${attachment.ipam} holds ${lease.address} of ${ifName} under ${lease.network}, the network is ${networkName}`,
      }),
    ),
    ...missingOrWrong(observation, { attachment, leases }),
  ];
}

function missingOrWrong(
  { kernel, leases: all, sandboxId }: PodObservation,
  { attachment, leases }: { readonly attachment: AttachmentSeen; readonly leases: readonly Lease[] },
): readonly Finding[] {
  const link = kernel.links.find((candidate) => candidate.name === attachment.ifName);
  const inKernel = link && AddressSet.ofLink(link.addresses);
  const inResult = attachment.result && new AddressSet(podAddresses(attachment.result));
  const held = new AddressSet(leases.map((lease) => lease.address));
  const expected = inKernel ?? inResult;
  if (!expected || [inKernel, inResult].some((set) => set?.equals(held))) return [];
  const foreign = all.filter(
    (lease) => lease.containerId !== sandboxId && new AddressSet([lease.address]).isWithin(expected),
  );
  const elsewhere = foreign.map((lease) => `; ${lease.address} is held by ${lease.containerId} for ${lease.ifname}`);
  return [
    finding(`leases of ${attachment.ifName}`, {
      expected: expected.texts,
      observed: held.texts,
      message: `${attachment.ifName} has ${expected.texts.join(", ") || "no address"}, but ${attachment.ipam} holds ${held.texts.join(", ") || "nothing"} for it${elsewhere.join("")}`,
    }),
  ];
}

function finding(thing: string, rest: Pick<Finding, "expected" | "observed" | "message">): Finding {
  return { clauseCase: "IPM-001", thing, ...rest };
}
