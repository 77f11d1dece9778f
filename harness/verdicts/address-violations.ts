import { podAddresses } from "../net/cni-result.ts";
import { AddressSet } from "./address-set.ts";
import type { AttachmentSources } from "./interface-violations.ts";
import type { KernelLink } from "./pod-observation.ts";
import type { Finding } from "./violation.ts";

interface Source {
  readonly title: string;
  readonly clauseCase: string;
  readonly claim: AddressSet;
  readonly agrees: boolean;
}

/**
 * Addresses of one attachment: those of `podIPs` (cluster network only), status and result are those in the kernel. A
 * source that repeats what an earlier one was already reported for tells the same lie and is no item of its own.
 * @source NPWG 5.3.3.1 and 6
 */
export function addressViolations(
  sources: AttachmentSources & { readonly link: KernelLink; readonly podIPs: readonly string[] },
): readonly Finding[] {
  const { link } = sources;
  const truth = AddressSet.ofLink(link.addresses);
  const reported: Source[] = [];
  for (const source of sourcesOf(sources, truth)) {
    if (source.agrees || reported.some((earlier) => earlier.claim.equals(source.claim))) continue;
    reported.push(source);
  }
  return reported.map((source) => ({
    clauseCase: source.clauseCase,
    thing: source.clauseCase === "DEF-001" ? "podIPs" : `addresses of ${link.name}`,
    expected: truth.texts,
    observed: source.claim.texts,
    message: `${link.name} has ${listed(truth)}, but ${source.title} ${listed(source.claim)}${blame(source, sources)}`,
  }));
}

function sourcesOf(
  { attachment, entry, podIPs }: AttachmentSources & { readonly podIPs: readonly string[] },
  truth: AddressSet,
): readonly Source[] {
  const sources: Source[] = [];
  if (attachment.isDefault) {
    const claim = new AddressSet(podIPs);
    // the API holds one address a family, however many the interface has
    const agrees = claim.isWithin(truth) && claim.sameFamilies(truth);
    sources.push({ title: "the API's podIPs are", clauseCase: "DEF-001", claim, agrees });
  }
  if (entry) {
    const claim = new AddressSet(entry.ips);
    sources.push({ title: "the status says", clauseCase: "STA-005", claim, agrees: claim.agreesWith(truth) });
  }
  if (attachment.result) {
    const claim = new AddressSet(podAddresses(attachment.result));
    sources.push({ title: "the CNI result says", clauseCase: "STA-005", claim, agrees: claim.agreesWith(truth) });
  }
  return sources;
}

/** Who told the lie first, as far as it can be known. */
function blame(source: Source, { attachment }: AttachmentSources): string {
  if (!attachment.result || source.title.startsWith("the CNI result")) return "";
  const result = new AddressSet(podAddresses(attachment.result));
  return result.equals(source.claim) ? ", as the CNI result does" : `; the CNI result says ${listed(result)}`;
}

function listed(set: AddressSet): string {
  return set.texts.length === 0 ? "no address" : set.texts.join(", ");
}
