import { fingerprint, words, type LedgerEntries } from "./ledger-entry.ts";
import type { NetworkTables, NodeRoute } from "./state.ts";

/** The entries of one network namespace. */
export function addTables(entries: LedgerEntries, tables: NetworkTables): void {
  for (const link of tables.links) entries.add("link", link.ifname, link);
  for (const link of tables.addresses) {
    for (const info of link.addr_info) {
      entries.add("address", `${link.ifname} ${info.local}/${info.prefixlen}`, { ...info, dev: link.ifname });
    }
  }
  for (const route of tables.routes) entries.add("route", routeKey(route), route);
  for (const neighbour of tables.neighbours) {
    entries.add("neighbour", words(neighbour.dst, neighbour.dev), neighbour);
  }
  addRules(entries, tables);
  for (const [key, value] of Object.entries(tables.sysctls)) entries.add("sysctl", key, { value });
}

/** What makes a route another route: the kernel keeps two that differ in any of these beside each other. */
export function routeKey(route: NodeRoute): string {
  const type = route.type === "unicast" ? undefined : route.type;
  const via = route.gateway ?? viaOf(route["via"]);
  const next = Array.isArray(route["nexthops"]) ? `nexthops ${fingerprint(route["nexthops"])}` : undefined;
  const metric = typeof route["metric"] === "number" ? `metric ${route["metric"]}` : undefined;
  const tos = typeof route["tos"] === "string" ? `tos ${route["tos"]}` : undefined;
  return words(
    routeFamily(route),
    type,
    route.dst,
    tos,
    via && `via ${via}`,
    next,
    route.dev && `dev ${route.dev}`,
    metric,
    `table ${route.table ?? "main"}`,
  );
}

/** iproute2 does not print the family when it lists both; only IPv6 routes have a preference. */
export function routeFamily(route: NodeRoute): "4" | "6" {
  const isSix = typeof route["pref"] === "string" || [route.dst, route.gateway].some((text) => text?.includes(":"));
  return isSix ? "6" : "4";
}

function viaOf(via: unknown): string | undefined {
  const host = typeof via === "object" && via !== null ? (via as { host?: unknown }).host : undefined;
  return typeof host === "string" ? host : undefined;
}

function addRules(entries: LedgerEntries, tables: NetworkTables): void {
  for (const [family, rules] of [
    ["4", tables.rules4],
    ["6", tables.rules6],
  ] as const) {
    for (const rule of rules) {
      const table = typeof rule["table"] === "string" ? `table ${rule["table"]}` : undefined;
      const from = `from ${rule.src ?? "all"}${prefix(rule["srclen"])}`;
      const to = rule.dst && `to ${rule.dst}${prefix(rule["dstlen"])}`;
      entries.add("rule", words(family, `${rule.priority}:`, from, to, table), rule);
    }
  }
}

function prefix(length: unknown): string {
  return typeof length === "number" ? `/${length}` : "";
}
