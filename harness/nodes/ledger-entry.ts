import { canonicalJson, sha256 } from "../core/json.ts";

/** What a thing on a node is; one word a table that it stands in. */
export type LedgerKind =
  | "link"
  | "address"
  | "route"
  | "neighbour"
  | "rule"
  | "sysctl"
  | "nft-table"
  | "nft-chain"
  | "nft-rule"
  | "nft-set"
  | "nft-element"
  | "nft-object"
  | "iptables-chain"
  | "iptables-rule"
  | "qdisc"
  | "filter"
  | "fdb"
  | "bridge-port"
  | "bridge-vlan"
  | "netns"
  | "sandbox"
  | "file"
  | "api-lease";

/** One thing on a node. Two states hold the same thing if kind and key are equal. */
export interface LedgerEntry {
  readonly kind: LedgerKind;
  /** Begins with `NAME/` inside a named network namespace. */
  readonly key: string;
  /** Name of the network namespace that it is inside of; empty for the node itself. */
  readonly namespace: string;
  readonly value: unknown;
}

/** Entries by kind and key. A second thing of the same key (the kernel allows equal rules) gets `#2`, and so on. */
export class LedgerEntries {
  readonly #namespace: string;
  readonly #entries: Map<string, LedgerEntry>;

  constructor(namespace = "", entries = new Map<string, LedgerEntry>()) {
    this.#namespace = namespace;
    this.#entries = entries;
  }

  /** The same collection for things inside a named network namespace. */
  inside(namespace: string): LedgerEntries {
    return new LedgerEntries(namespace, this.#entries);
  }

  add(kind: LedgerKind, key: string, value: unknown): void {
    const namespace = this.#namespace;
    const full = namespace === "" ? key : `${namespace}/${key}`;
    for (let n = 1; ; n++) {
      const own = n === 1 ? full : `${full} #${n}`;
      if (this.#entries.has(`${kind} ${own}`)) continue;
      this.#entries.set(`${kind} ${own}`, { kind, key: own, namespace, value });
      return;
    }
  }

  /** By `kind key`. */
  get all(): ReadonlyMap<string, LedgerEntry> {
    return this.#entries;
  }
}

/** A short name for a long content; equal contents have equal names. */
export function fingerprint(value: unknown): string {
  return sha256(canonicalJson(value)).slice(0, 12);
}

/** Joins the words that are there. */
export function words(...parts: readonly (string | number | undefined | false)[]): string {
  return parts.filter((part) => part !== undefined && part !== false && part !== "").join(" ");
}
