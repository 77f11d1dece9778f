import { addressPart, containsAddress, requireCidr } from "../net/address.ts";
import { sameMac } from "../net/mac.ts";
import type { NetworkStatus } from "../net/network-status.ts";
import { AddressSet } from "./address-set.ts";
import type { KernelLink, KernelRoute } from "./pod-observation.ts";

/** Stable names: deviations and faults refer to a check as `CASE/name`. */
export type CheckName =
  | "interface-present"
  | "link-kind"
  | "address-in-subnet"
  | "addresses-equal"
  | "mac-equal"
  | "one-default-route"
  | "order-of-attachments"
  | "generated-names";

/** The answer of a check: `expected` and `observed` are JSON. */
export type Check =
  | { readonly ok: true }
  | {
      readonly ok: false;
      readonly assertion: CheckName;
      readonly expected: unknown;
      readonly observed: unknown;
      readonly message: string;
    };

type Links = readonly KernelLink[];

const OK: Check = { ok: true };

/** Whether the pod has the interface. */
export function checkInterface(links: Links, name: string): Check {
  if (find(links, name)) return OK;
  const observed = links.map((link) => link.name);
  return failure("interface-present", [
    name,
    observed,
    `the pod has no ${name}, only ${observed.join(", ") || "nothing"}`,
  ]);
}

/** Whether an interface is of a kind, as in `ip -d link`: `veth`, `macvlan`, ... */
export function checkLinkKind(links: Links, wanted: { readonly name: string; readonly kind: string }): Check {
  return onLink(links, wanted.name, (link) => {
    if (link.linkKind === wanted.kind) return OK;
    const observed = link.linkKind ?? null;
    return failure("link-kind", [
      wanted.kind,
      observed,
      `${link.name} is ${observed ?? "of no kind"}, not ${wanted.kind}`,
    ]);
  });
}

/** Whether an interface has exactly one address of the subnet's family beside link-local ones, and it lies in the subnet. */
export function checkAddressInSubnet(links: Links, wanted: { readonly name: string; readonly subnet: string }): Check {
  const subnet = requireCidr(wanted.subnet);
  return onLink(links, wanted.name, (link) => {
    const all = AddressSet.ofLink(link.addresses).texts.map((text) => ({ text, address: addressPart(text) }));
    const observed = all.filter(({ address }) => address?.family === subnet.family);
    const inside = observed.filter(({ address }) => address && containsAddress(subnet, address));
    if (observed.length === 1 && inside.length === 1) return OK;
    const texts = observed.map(({ text }) => text);
    return failure("address-in-subnet", [
      wanted.subnet,
      texts,
      `${link.name} must have one address in ${wanted.subnet}, it has ${texts.join(", ") || "none"}`,
    ]);
  });
}

/** Whether an interface has exactly these addresses; prefix lengths count where they are written. */
export function checkAddresses(
  links: Links,
  wanted: { readonly name: string; readonly addresses: readonly string[] },
): Check {
  return onLink(links, wanted.name, (link) => {
    const observed = AddressSet.ofLink(link.addresses);
    if (new AddressSet(wanted.addresses).agreesWith(observed)) return OK;
    return failure("addresses-equal", [
      wanted.addresses,
      observed.texts,
      `${link.name} must have ${wanted.addresses.join(", ")}, it has ${observed.texts.join(", ") || "none"}`,
    ]);
  });
}

/** Whether an interface has this MAC address. */
export function checkMac(links: Links, wanted: { readonly name: string; readonly mac: string }): Check {
  return onLink(links, wanted.name, (link) => {
    if (sameMac(link.mac, wanted.mac)) return OK;
    return failure("mac-equal", [wanted.mac, link.mac, `${link.name} has the MAC ${link.mac}, not ${wanted.mac}`]);
  });
}

/**
 * Whether the main table has exactly one default route of the gateway's family, by that gateway and interface.
 * @source NPWG 4.1.2.1.9
 */
export function checkDefaultRoute(
  routes: readonly KernelRoute[],
  wanted: { readonly via: string; readonly dev: string },
): Check {
  const family = addressPart(wanted.via)?.family === 6 ? "ipv6" : "ipv4";
  const defaults = routes.filter((route) => route.dst === "default" && route.family === family);
  const observed = defaults.map(({ via, dev }) => ({ ...(via === undefined ? {} : { via }), dev }));
  const [only, ...more] = observed;
  const right = only?.dev === wanted.dev && addressPart(only.via ?? "")?.text === addressPart(wanted.via)?.text;
  if (right && more.length === 0) return OK;
  const told = observed.map(({ via, dev }) => `${via ? `via ${via} ` : ""}dev ${dev}`).join(" and ");
  return failure("one-default-route", [
    [wanted],
    observed,
    `the one ${family} default route must lead via ${wanted.via} dev ${wanted.dev}, there is ${told || "none"}`,
  ]);
}

/** Whether the status lists these attachments (`namespace/name`) in this order; the cluster network's entry is left out. */
export function checkOrder(status: readonly NetworkStatus[], wanted: readonly string[]): Check {
  const observed = status.filter((entry) => !entry.default).map((entry) => entry.name);
  if (JSON.stringify(observed) === JSON.stringify(wanted)) return OK;
  return failure("order-of-attachments", [
    wanted,
    observed,
    `the attachments must be ${wanted.join(", ")}, the status has ${observed.join(", ") || "none"}`,
  ]);
}

/**
 * Whether attachments that ask for no name are `net1` to `net<count>`, and nothing else is beside the pod's own
 * interface and the loopback.
 * @source multus-cni docs/how-to-use.md
 */
export function checkGeneratedNames(
  links: Links,
  wanted: { readonly count: number; readonly podIfName?: string },
): Check {
  const expected = Array.from({ length: wanted.count }, (_, index) => `net${index + 1}`);
  const own = new Set(["lo", wanted.podIfName ?? "eth0"]);
  const observed = links.map((link) => link.name).filter((name) => !own.has(name));
  if (JSON.stringify(observed.toSorted()) === JSON.stringify(expected.toSorted())) return OK;
  return failure("generated-names", [
    expected,
    observed,
    `the attachments must be on ${expected.join(", ")}, they are on ${observed.join(", ") || "none"}`,
  ]);
}

function onLink(links: Links, name: string, check: (link: KernelLink) => Check): Check {
  const link = find(links, name);
  return link ? check(link) : checkInterface(links, name);
}

function find(links: Links, name: string): KernelLink | undefined {
  return links.find((link) => link.name === name);
}

function failure(assertion: CheckName, [expected, observed, message]: readonly [unknown, unknown, string]): Check {
  return { ok: false, assertion, expected, observed, message };
}
