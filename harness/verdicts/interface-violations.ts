import { sandboxInterfaces, type CniInterface } from "../net/cni-result.ts";
import { sameMac } from "../net/mac.ts";
import type { NetworkStatus } from "../net/network-status.ts";
import type { AttachmentSeen, KernelLink } from "./pod-observation.ts";
import type { Finding } from "./violation.ts";

export interface AttachmentSources {
  readonly attachment: AttachmentSeen;
  /** Its status entry. */
  readonly entry: NetworkStatus | undefined;
  /** Its interface in the pod. */
  readonly link: KernelLink | undefined;
}

/**
 * Interface, MAC and MTU of one attachment: those of status and result are those in the pod.
 * @source NPWG 5.3.2.1, 5.3.4.1
 */
export function interfaceViolations({ attachment, entry, link }: AttachmentSources): readonly Finding[] {
  const { ifName, result } = attachment;
  if (!link) {
    return [finding(`interface ${ifName}`, [ifName, null, "has no such interface in the pod"])];
  }
  if (!result) {
    return [finding(`cached result of ${ifName}`, ["a CNI result", null, "has no result in the CNI cache"])];
  }
  const told = sandboxInterfaces(result)[0];
  return [
    ...nameFindings(ifName, { told, entry }),
    ...macFindings(link, { told, entry }),
    ...mtuFindings(link, { told, entry }),
  ];
}

interface Claims {
  /** The first interface of the result that is in the pod. */
  readonly told: CniInterface | undefined;
  readonly entry: NetworkStatus | undefined;
}

function nameFindings(ifName: string, { told, entry }: Claims): readonly Finding[] {
  const status = entry?.interface;
  // without an interface in the pod the result gives the status nothing to say
  const statusAgrees = !entry || status === ifName || (status === undefined && !told);
  if (statusAgrees && (!told || told.name === ifName)) return [];
  const observed = { status: status ?? null, result: told?.name ?? null };
  return [finding(`interface ${ifName}`, [ifName, observed, `is ${said(observed)}`])];
}

function macFindings(link: KernelLink, { told, entry }: Claims): readonly Finding[] {
  const claimed = told?.mac ?? "";
  const statusAgrees = !entry || (entry.mac === undefined ? claimed === "" : sameMac(entry.mac, link.mac));
  if (statusAgrees && (claimed === "" || sameMac(claimed, link.mac))) return [];
  const observed = { status: entry?.mac ?? null, result: told?.mac ?? null };
  return [finding(`MAC of ${link.name}`, [link.mac, observed, `has the MAC ${link.mac}, but ${said(observed)}`])];
}

function mtuFindings(link: KernelLink, { told, entry }: Claims): readonly Finding[] {
  const wrong = (mtu: number | undefined): boolean => mtu !== undefined && mtu !== 0 && mtu !== link.mtu;
  if (link.mtu === undefined || (!wrong(entry?.mtu) && !wrong(told?.mtu))) return [];
  const observed = { status: entry?.mtu ?? null, result: told?.mtu ?? null };
  return [finding(`MTU of ${link.name}`, [link.mtu, observed, `has the MTU ${link.mtu}, but ${said(observed)}`])];
}

function said(observed: { readonly status: unknown; readonly result: unknown }): string {
  return `${JSON.stringify(observed.status)} in the status and ${JSON.stringify(observed.result)} in the CNI result`;
}

function finding(thing: string, [expected, observed, why]: readonly [unknown, unknown, string]): Finding {
  const subject = thing.slice(thing.lastIndexOf(" ") + 1);
  return { clauseCase: "STA-004", thing, expected, observed, message: `${subject} ${why}` };
}
