import { messageOf } from "../core/errors.ts";
import { sandboxInterfaces } from "../net/cni-result.ts";
import { parseNetworkStatus, type NetworkStatus } from "../net/network-status.ts";
import { addressViolations } from "./address-violations.ts";
import { interfaceViolations } from "./interface-violations.ts";
import { leaseViolations } from "./lease-violations.ts";
import { poolViolations } from "./pool-violations.ts";
import { pairStatus, type StatusPairs } from "./pair-status.ts";
import type { KernelLink, PodObservation } from "./pod-observation.ts";
import type { Finding, Violation } from "./violation.ts";

/** Cases that four-sources items are attributed to; all of them must exist. */
export const FOUR_SOURCES_CASES: readonly string[] = [
  "DEF-001",
  "IPM-001",
  "IPM-013",
  "STA-001",
  "STA-003",
  "STA-004",
  "STA-005",
];

/**
 * Whether API, CNI results, kernel and IPAM store agree on a pod. The kernel is the truth; the status repeats what the
 * plugin's result said, and `podIPs` repeats it for the cluster network, so a lie of one plugin shows in several
 * places. Each lie is one item, at the clause that its first reader breaks:
 *
 * | disagreement | case |
 * |---|---|
 * | status absent or unreadable; an entry missing or surplus; an interface that nobody reports | STA-001 |
 * | name of an entry | STA-003 |
 * | interface, MAC, MTU of status or result against the kernel; no cached result | STA-004 |
 * | addresses of status or result against the kernel | STA-005 |
 * | `podIPs` against the cluster network's interface; which entry is the default | DEF-001 |
 * | host-local's store against both result and kernel; a lease without an attachment | IPM-001 |
 * | whereabouts' pools against the kernel; an entry without an attachment | IPM-013 |
 *
 * @source NPWG 5 and 6; CNI spec 1.1.0 section 5
 */
export function fourSources(observation: PodObservation): readonly Violation[] {
  if (observation.attachments.length === 0) return [noAttachments(observation)];
  const status = readStatus(observation.api.networkStatus);
  const pairs = Array.isArray(status) ? pairStatus(status, observation.attachments) : undefined;
  const findings = [
    ...(pairs ? entryViolations(observation, pairs) : [status as Finding]),
    ...observation.attachments.flatMap((attachment) => {
      const entry = pairs?.entryOf.get(attachment);
      const link = linkOf(observation, attachment.ifName);
      // an attachment of which neither status nor kernel know anything was never made: the missing entry says so
      if (pairs && !entry && !link) return [];
      return [
        ...interfaceViolations({ attachment, entry, link }),
        ...(link ? addressViolations({ attachment, entry, link, podIPs: observation.api.podIPs }) : []),
      ];
    }),
    ...strangeLinks(observation, pairs),
    ...leaseViolations(observation),
    ...poolViolations(observation),
  ];
  return findings.map((finding) => ({ invariant: "four-sources", pod: observation.pod, ...finding }));
}

/** Without them nothing can be compared: that is one item, not one for everything that the other sources say. */
function noAttachments({ pod }: PodObservation): Violation {
  return {
    invariant: "four-sources",
    clauseCase: "STA-004",
    pod,
    thing: "cached networks",
    expected: "the networks that were attached",
    observed: null,
    message: "the node's caches hold no network of the pod",
  };
}

function readStatus(text: string | undefined): readonly NetworkStatus[] | Finding {
  const broken = (message: string): Finding => ({
    clauseCase: "STA-001",
    thing: "network-status annotation",
    expected: "a JSON list of maps",
    observed: text ?? null,
    message,
  });
  if (text === undefined) return broken("the pod has no network-status annotation");
  try {
    return parseNetworkStatus(text);
  } catch (error) {
    return broken(messageOf(error));
  }
}

function entryViolations({ attachments }: PodObservation, { entryOf, surplus }: StatusPairs): readonly Finding[] {
  const findings: Finding[] = [];
  for (const attachment of attachments) {
    const entry = entryOf.get(attachment);
    const { network, ifName } = attachment;
    if (!entry) {
      findings.push({
        clauseCase: "STA-001",
        thing: `status entry of ${ifName}`,
        expected: { name: network, interface: ifName },
        observed: null,
        message: `the status has no entry for ${network} (${ifName})`,
      });
    } else if (entry.name !== network) {
      findings.push({
        clauseCase: "STA-003",
        thing: `name of ${ifName}`,
        expected: network,
        observed: entry.name,
        message: `the status calls the network of ${ifName} ${JSON.stringify(entry.name)}, it is ${network}`,
      });
    }
  }
  for (const entry of surplus) {
    findings.push({
      clauseCase: "STA-001",
      thing: `surplus status entry ${entry.name}`,
      expected: null,
      observed: { name: entry.name, interface: entry.interface ?? null },
      message: `the status has an entry ${JSON.stringify(entry.name)} (${entry.interface ?? "no interface"}) that no attachment accounts for`,
    });
  }
  return [...findings, ...defaultViolations(attachments, entryOf)];
}

/** Exactly one entry is the default, and it is the cluster network's. @source NPWG 5.2, 5.3.5 */
function defaultViolations(
  attachments: PodObservation["attachments"],
  entryOf: StatusPairs["entryOf"],
): readonly Finding[] {
  const cluster = attachments.find((attachment) => attachment.isDefault);
  const own = cluster && entryOf.get(cluster);
  if (!own) return [];
  const marked = [...entryOf.values()].filter((entry) => entry?.default);
  if (marked.length === 1 && marked[0] === own) return [];
  return [
    {
      clauseCase: "DEF-001",
      thing: "default entry",
      expected: [own.name],
      observed: marked.map((entry) => entry?.name),
      message: `the default of the status must be ${own.name} alone, it is ${marked.map((e) => e?.name).join(", ") || "none"}`,
    },
  ];
}

/** Devices that the kernel makes in every new namespace once their module is loaded. */
const KERNEL_LINKS = /^(lo|tunl0|ip6tnl0|sit0|gre0|gretap0|erspan0|ip_vti0|ip6_vti0|ip6gre0|teql0)$/;

function strangeLinks({ attachments, kernel }: PodObservation, pairs: StatusPairs | undefined): readonly Finding[] {
  const known = new Set<string | undefined>([
    ...attachments.map((attachment) => attachment.ifName),
    ...attachments.flatMap(({ result }) => (result ? sandboxInterfaces(result).map((link) => link.name) : [])),
    ...[...(pairs?.entryOf.values() ?? []), ...(pairs?.surplus ?? [])].map((entry) => entry?.interface),
  ]);
  const strange = kernel.links.filter((link) => !known.has(link.name) && !KERNEL_LINKS.test(link.name));
  return strange.map((link) => ({
    clauseCase: "STA-001",
    thing: `interface ${link.name}`,
    expected: null,
    observed: { name: link.name, mac: link.mac, addresses: link.addresses },
    message: `the pod has an interface ${link.name} that neither status nor CNI results report`,
  }));
}

function linkOf({ kernel }: PodObservation, name: string): KernelLink | undefined {
  return kernel.links.find((link) => link.name === name);
}
