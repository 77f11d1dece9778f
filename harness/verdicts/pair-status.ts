import { sandboxInterfaces } from "../net/cni-result.ts";
import type { NetworkStatus } from "../net/network-status.ts";
import type { AttachmentSeen } from "./pod-observation.ts";

export interface StatusPairs {
  /** The entry of each attachment, undefined where the status has none. */
  readonly entryOf: ReadonlyMap<AttachmentSeen, NetworkStatus | undefined>;
  /** Entries that no attachment accounts for. */
  readonly surplus: readonly NetworkStatus[];
}

type Test = (attachment: AttachmentSeen, entry: NetworkStatus) => boolean;

const hasName: Test = (attachment, entry) => entry.name === attachment.network;
const hasInterface: Test = (attachment, entry) => entry.interface === attachment.ifName;
const hasBoth: Test = (attachment, entry) => hasName(attachment, entry) && hasInterface(attachment, entry);
const always: Test = () => true;

/**
 * Finds the status entry of each attachment. The specification fixes no order, and either key may lie, so entries are
 * taken by the best evidence first: name and interface, then name, then interface, then what is left, in order. A lie
 * in one key so remains one disagreement and does not become a missing and a surplus entry.
 */
export function pairStatus(entries: readonly NetworkStatus[], attachments: readonly AttachmentSeen[]): StatusPairs {
  const entryOf = new Map<AttachmentSeen, NetworkStatus | undefined>();
  const left = [...entries];
  const pair = (attachment: AttachmentSeen, test: Test): void => {
    const found = left.findIndex((entry) => test(attachment, entry));
    const entry = left[found];
    if (!entry || entryOf.has(attachment)) return;
    entryOf.set(attachment, entry);
    left.splice(found, 1);
  };
  for (const test of [hasBoth, hasName, hasInterface]) {
    for (const attachment of attachments) pair(attachment, test);
  }
  const further = left.filter((entry) => attachments.some((attachment) => isFurtherInterface(attachment, entry)));
  for (const entry of further) left.splice(left.indexOf(entry), 1);
  for (const attachment of attachments) pair(attachment, always);
  return { entryOf, surplus: left };
}

/**
 * Whether an entry is of another interface in a result that has several in the pod.
 * @source network-attachment-definition-client CreateNetworkStatuses; see STA-006
 */
function isFurtherInterface(attachment: AttachmentSeen, entry: NetworkStatus): boolean {
  const [, ...further] = attachment.result ? sandboxInterfaces(attachment.result) : [];
  return hasName(attachment, entry) && further.some((link) => link.name === entry.interface);
}
