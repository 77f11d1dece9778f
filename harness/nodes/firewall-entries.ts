import { fingerprint, words, type LedgerEntries } from "./ledger-entry.ts";
import type { NodeState } from "./state.ts";

/** A table as a save program prints it. */
interface SavedTable {
  readonly name: string;
  readonly chains: readonly { readonly name: string; readonly policy: string }[];
  /** As in the save format, `-A CHAIN ...`. */
  readonly rules: readonly string[];
}

/** Reads the output of iptables-save and its kin. Counters and the comments with the time are left out. */
export function parseIptablesSave(text: string): readonly SavedTable[] {
  const tables: { name: string; chains: { name: string; policy: string }[]; rules: string[] }[] = [];
  for (const line of text.split("\n")) {
    const table = tables.at(-1);
    if (line.startsWith("*")) tables.push({ name: line.slice(1).trim(), chains: [], rules: [] });
    else if (line.startsWith(":") && table) {
      const [name = "", policy = ""] = line.slice(1).split(" ");
      table.chains.push({ name, policy });
    } else if (/^-A |^\[\d+:\d+\] -A /.test(line) && table) table.rules.push(line.replace(/^\[\d+:\d+\] /, ""));
  }
  return tables;
}

/** Entries of iptables, in all its variants. The order of rules within a chain is not compared. */
export function addIptables(entries: LedgerEntries, iptables: NodeState["iptables"]): void {
  for (const [variant, text] of Object.entries(iptables)) {
    for (const table of parseIptablesSave(text)) {
      for (const chain of table.chains) {
        entries.add("iptables-chain", words(variant, table.name, chain.name), { policy: chain.policy });
      }
      for (const rule of table.rules) entries.add("iptables-rule", words(variant, table.name, rule), { rule });
    }
  }
}

/** Tables that iptables-nft-save printed: those are read from there, since nft does not show their matches in full. */
function savedTables(iptables: NodeState["iptables"]): ReadonlySet<string> {
  const families = { nft4: "ip", nft6: "ip6" } as const;
  return new Set(
    Object.entries(families).flatMap(([variant, family]) =>
      parseIptablesSave(iptables[variant] ?? "").map((table) => `${family} ${table.name}`),
    ),
  );
}

/** Entries of nftables, without handles and counts. Elements of sets and maps are entries of their own. */
export function addNft(entries: LedgerEntries, state: Pick<NodeState, "nft" | "iptables">): void {
  const elsewhere = savedTables(state.iptables);
  for (const object of state.nft.nftables) {
    const [type, body] = Object.entries(object)[0] ?? [];
    if (type === undefined || type === "metainfo" || !isRecord(body)) continue;
    const table = words(textOf(body["family"]), textOf(type === "table" ? body["name"] : body["table"]));
    if (!elsewhere.has(table)) addNftObject(entries, { type, table, body });
  }
}

interface NftObject {
  readonly type: string;
  /** Family and name. */
  readonly table: string;
  readonly body: Record<string, unknown>;
}

function addNftObject(entries: LedgerEntries, { type, table, body }: NftObject): void {
  const { handle: _, ...value } = withoutCounts(body) as Record<string, unknown>;
  if (type === "table") return entries.add("nft-table", table, value);
  if (type === "chain") return entries.add("nft-chain", words(table, textOf(body["name"])), value);
  if (type === "rule") {
    return entries.add(
      "nft-rule",
      words(table, textOf(body["chain"]), fingerprint([value["expr"], value["comment"]])),
      value,
    );
  }
  if (type !== "set" && type !== "map")
    return entries.add("nft-object", words(table, type, textOf(body["name"])), value);
  const { elem, ...set } = value;
  const key = words(table, textOf(body["name"]));
  entries.add("nft-set", key, { ...set, type_: type });
  for (const element of Array.isArray(elem) ? (elem as unknown[]) : []) {
    entries.add("nft-element", words(key, fingerprint(element)), { element });
  }
}

/** Counters count, and timeouts run down, without anyone's doing. */
function withoutCounts(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutCounts);
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) => {
      if (key === "expires") return [];
      return [[key, key === "counter" && isRecord(inner) ? {} : withoutCounts(inner)]];
    }),
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
