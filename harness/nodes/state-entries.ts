import { addIptables, addNft } from "./firewall-entries.ts";
import { LedgerEntries, words, type LedgerEntry } from "./ledger-entry.ts";
import { apiLeasePath } from "./leases.ts";
import type { NodeState } from "./state.ts";
import { addTables } from "./table-entries.ts";

/** Everything in a state as entries by `kind key`. */
export function entriesOf(state: NodeState): ReadonlyMap<string, LedgerEntry> {
  const entries = new LedgerEntries();
  addTables(entries, state);
  addIptables(entries, state.iptables);
  addNft(entries, state);
  addTc(entries, state);
  addBridge(entries, state);
  for (const namespace of state.namespaces) {
    const { name, inode, cookie, mounted } = namespace;
    entries.add("netns", name, { inode, cookie, mounted });
    addTables(entries.inside(namespace.name), namespace);
  }
  for (const sandbox of state.sandboxes) entries.add("sandbox", sandbox.id, sandbox);
  for (const file of state.files) entries.add("file", file.path, file);
  for (const lease of state.apiLeases) entries.add("api-lease", apiLeasePath(lease), lease);
  return entries.all;
}

function addTc(entries: LedgerEntries, state: NodeState): void {
  for (const qdisc of state.qdiscs) {
    const parent = qdisc["root"] === true ? "root" : textOf(qdisc["parent"]);
    entries.add("qdisc", words(textOf(qdisc["dev"]), textOf(qdisc["kind"]), textOf(qdisc["handle"]), parent), qdisc);
  }
  for (const filter of state.filters) {
    const options = filter["options"] as { fh?: unknown; handle?: unknown } | undefined;
    const handle = textOf(options?.fh) || textOf(options?.handle);
    const where = words(textOf(filter["dev"]), textOf(filter["at"]), textOf(filter["protocol"]));
    entries.add("filter", words(where, String(filter["pref"]), textOf(filter["kind"]), handle), filter);
  }
}

function addBridge(entries: LedgerEntries, state: NodeState): void {
  const { bridge } = state;
  for (const { mtu: _ofTheLink, ...port } of bridge.ports)
    entries.add("bridge-port", words(textOf(port["master"]), textOf(port["ifname"])), port);
  const macs = new Map(state.links.map((link) => [link.ifname, link.address]));
  for (const entry of bridge.fdb) {
    const [port, mac, master] = [textOf(entry["ifname"]), textOf(entry["mac"]), textOf(entry["master"])];
    const vlan = typeof entry["vlan"] === "number" ? `vlan ${entry["vlan"]}` : undefined;
    const destination = typeof entry["dst"] === "string" ? `dst ${entry["dst"]}` : undefined;
    const key = words(port, mac, vlan, destination, master ? `master ${master}` : "self");
    // whether the kernel made it because of the port itself, which rules cannot see from the entry alone
    const ofPort = mac !== "" && (mac === macs.get(port) || mac === macs.get(master));
    entries.add("fdb", key, { ...entry, ofPort });
  }
  for (const port of bridge.vlans) {
    for (const vlan of Array.isArray(port["vlans"]) ? (port["vlans"] as Record<string, unknown>[]) : []) {
      entries.add("bridge-vlan", words(textOf(port["ifname"]), String(vlan["vlan"])), vlan);
    }
  }
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
