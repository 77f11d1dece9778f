import { addressPart } from "../net/address.ts";
import type { PodIdentity } from "./identity.ts";
import { isNamespaceOf } from "./identity.ts";
import { classify } from "./ledger.ts";
import type { LedgerEntry, LedgerKind } from "./ledger-entry.ts";
import { loadLedgerRules, type LedgerRule } from "./ledger-rules.ts";
import { leasesOf } from "./leases.ts";
import { namesPod, type Naming } from "./naming.ts";
import type { NodeState } from "./state.ts";
import { entriesOf } from "./state-entries.ts";

export type ResidueKind = LedgerKind | "lease" | "cni-cache" | "devinfo";

/** One thing that is left of a pod that is gone, on its node or in the API. */
export interface ResidueItem {
  readonly kind: ResidueKind;
  /** Identifies it on the node: a path, an interface name, the text of a rule. */
  readonly key: string;
  /** The thing, in one line for a person. */
  readonly what: string;
  /** How it names the pod, e.g. `sandbox 3f2a...` or `address 10.1.1.2`. */
  readonly names: string;
  /** It is an object of the API, not a thing on the node. */
  readonly inApi?: boolean;
}

export interface ResidueContext {
  /** Addresses that live pods hold: see `liveAddressesOf`. */
  readonly liveAddresses: ReadonlySet<string>;
  /** Default: those of fixtures/ledger-rules. */
  readonly rules?: readonly LedgerRule[];
}

/**
 * Canonical addresses that pods on the node hold at this time, as their kernel tells.
 * @param options.except uids of pods that are gone; what their namespaces still hold does not count
 */
export function liveAddressesOf(
  state: NodeState,
  options: { readonly except: readonly string[] },
): ReadonlySet<string> {
  const live = state.sandboxes.filter((s) => s.state === "ready" && !options.except.includes(s.podUid));
  const namespaces = state.namespaces.filter((n) => live.some((sandbox) => isNamespaceOf(n, sandbox)));
  const texts = namespaces.flatMap((n) => n.addresses.flatMap((entry) => entry.addr_info.map((info) => info.local)));
  return new Set(texts.map((text) => addressPart(text)?.text ?? text));
}

/**
 * What on the node still names a pod that should be gone. Looked at are the node's own tables, namespaces as such,
 * sandboxes and files; not what is inside the namespaces of other pods. Things that the ledger's rules call volatile or
 * shared are not counted: neighbours that the kernel learned age out by themselves, and a bridge stays by design.
 * Addresses alone prove nothing: one counts only while no live pod holds it.
 */
export function residueOf(identity: PodIdentity, state: NodeState, context: ResidueContext): readonly ResidueItem[] {
  const rules = context.rules ?? defaultRules();
  const naming: Naming = {
    identity,
    addresses: new Set(identity.addresses.filter((address) => !context.liveAddresses.has(address))),
    liveSandboxes: new Set(state.sandboxes.filter((s) => s.podUid !== identity.uid).map((s) => s.id)),
    liveNamespaces: new Set(
      state.namespaces
        .filter((n) => state.sandboxes.some((s) => s.podUid !== identity.uid && isNamespaceOf(n, s)))
        .map((n) => n.name),
    ),
    leases: new Map(leasesOf(state).map((lease) => [lease.path, lease])),
  };
  const items: ResidueItem[] = [];
  for (const entry of entriesOf(state).values()) {
    if (entry.namespace !== "") continue;
    const names = namesPod(entry, naming);
    if (names !== undefined && !isExcused(entry, rules)) items.push(residueItem(entry, names));
  }
  return items;
}

function isExcused(entry: LedgerEntry, rules: readonly LedgerRule[]): boolean {
  const { kind, key, namespace, value } = entry;
  const item = classify({ kind, key, namespace, change: "added", before: undefined, after: value, fields: [] }, rules);
  return item.class === "volatile" || item.class === "shared";
}

function residueItem(entry: LedgerEntry, names: string): ResidueItem {
  return { kind: residueKind(entry), key: entry.key, what: describe(entry), names };
}

function residueKind({ kind, key }: LedgerEntry): ResidueKind {
  if (kind === "api-lease") return "lease";
  if (kind !== "file") return kind;
  if (/^(\/var\/lib\/cni\/networks|\/run\/cni-ipam-state)\//.test(key)) return "lease";
  if (key.startsWith("/run/k8s.cni.cncf.io/")) return "devinfo";
  return key.startsWith("/var/lib/cni/") ? "cni-cache" : "file";
}

const SHOWN = 300;

function describe({ kind, key, value }: LedgerEntry): string {
  const content = kind === "file" ? (value as { content?: string }).content : undefined;
  const text = content === undefined ? `${key} ${JSON.stringify(value)}` : `${key}: ${content.replaceAll(/\s+/g, " ")}`;
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}...` : text;
}

let loaded: readonly LedgerRule[] | undefined;

/** Read once a process: residue is judged many times. */
function defaultRules(): readonly LedgerRule[] {
  loaded ??= loadLedgerRules();
  return loaded;
}
