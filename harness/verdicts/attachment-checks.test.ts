import { expect } from "chai";
import {
  checkAddresses,
  checkAddressInSubnet,
  checkDefaultRoute,
  checkGeneratedNames,
  checkInterface,
  checkLinkKind,
  checkMac,
  checkOrder,
  type Check,
} from "./attachment-checks.ts";
import { parseNetworkStatus } from "../net/network-status.ts";
import type { KernelLink, KernelRoute } from "./pod-observation.ts";

const links: readonly KernelLink[] = [
  { name: "lo", mac: "00:00:00:00:00:00", addresses: ["127.0.0.1/8", "::1/128"] },
  { name: "eth0", mac: "02:00:00:00:00:01", linkKind: "veth", addresses: ["10.244.1.2/24", "fe80::1/64"] },
  {
    name: "net1",
    mac: "02:00:00:00:00:02",
    linkKind: "macvlan",
    addresses: ["10.210.1.2/24", "fd7b::2/64", "fe80::2/64"],
  },
];
const status = parseNetworkStatus('[{"name":"cbr0","default":true},{"name":"ns/a"},{"name":"ns/b"}]');
const route = (via: string | undefined, dev: string): KernelRoute => ({
  dst: "default",
  via,
  dev,
  family: via?.includes(":") ? "ipv6" : "ipv4",
});
const onLink: KernelRoute = { dst: "10.244.1.0/24", dev: "eth0", family: "ipv4" };

const passing: readonly (readonly [string, Check])[] = [
  ["an interface", checkInterface(links, "net1")],
  ["a kind", checkLinkKind(links, { name: "net1", kind: "macvlan" })],
  ["an IPv4 address", checkAddressInSubnet(links, { name: "net1", subnet: "10.210.1.0/24" })],
  ["an IPv6 address beside a link-local one", checkAddressInSubnet(links, { name: "net1", subnet: "fd7b::/64" })],
  ["addresses", checkAddresses(links, { name: "net1", addresses: ["fd7b:0::2", "10.210.1.2/24"] })],
  ["a MAC in another spelling", checkMac(links, { name: "net1", mac: "02-00-00-00-00-02" })],
  [
    "a default route",
    checkDefaultRoute([onLink, route("10.210.1.1", "net1"), route("fd7b::1", "eth0")], {
      via: "10.210.1.1",
      dev: "net1",
    }),
  ],
  [
    "an IPv6 default route",
    checkDefaultRoute([route("10.210.1.1", "eth0"), route("fd7b::1", "net1")], { via: "fd7b:0::1", dev: "net1" }),
  ],
  ["an order", checkOrder(status, ["ns/a", "ns/b"])],
  ["names", checkGeneratedNames(links, { count: 1 })],
];

const failing: readonly (readonly [string, Check, string, unknown])[] = [
  ["no interface", checkInterface(links, "net2"), "interface-present", ["lo", "eth0", "net1"]],
  [
    "no interface, for any check of one",
    checkMac(links, { name: "net2", mac: "02:00:00:00:00:02" }),
    "interface-present",
    ["lo", "eth0", "net1"],
  ],
  ["another kind", checkLinkKind(links, { name: "eth0", kind: "macvlan" }), "link-kind", "veth"],
  ["no kind", checkLinkKind(links, { name: "lo", kind: "veth" }), "link-kind", null],
  [
    "an address outside",
    checkAddressInSubnet(links, { name: "net1", subnet: "10.210.2.0/24" }),
    "address-in-subnet",
    ["10.210.1.2/24"],
  ],
  [
    "no address of the family",
    checkAddressInSubnet(links, { name: "eth0", subnet: "fd7b::/64" }),
    "address-in-subnet",
    [],
  ],
  [
    "another address",
    checkAddresses(links, { name: "eth0", addresses: ["10.244.1.3/24"] }),
    "addresses-equal",
    ["10.244.1.2/24"],
  ],
  [
    "another prefix",
    checkAddresses(links, { name: "eth0", addresses: ["10.244.1.2/16"] }),
    "addresses-equal",
    ["10.244.1.2/24"],
  ],
  [
    "an address too many",
    checkAddresses(links, { name: "net1", addresses: ["10.210.1.2/24"] }),
    "addresses-equal",
    ["10.210.1.2/24", "fd7b::2/64"],
  ],
  ["another MAC", checkMac(links, { name: "net1", mac: "02:00:00:00:00:03" }), "mac-equal", "02:00:00:00:00:02"],
  ["no default route", checkDefaultRoute([onLink], { via: "10.210.1.1", dev: "net1" }), "one-default-route", []],
  [
    "a default route elsewhere",
    checkDefaultRoute([route("10.244.1.1", "eth0")], { via: "10.210.1.1", dev: "net1" }),
    "one-default-route",
    [{ via: "10.244.1.1", dev: "eth0" }],
  ],
  [
    "two default routes",
    checkDefaultRoute([route("10.210.1.1", "net1"), route(undefined, "eth0")], { via: "10.210.1.1", dev: "net1" }),
    "one-default-route",
    [{ via: "10.210.1.1", dev: "net1" }, { dev: "eth0" }],
  ],
  [
    "another gateway",
    checkDefaultRoute([route("10.210.1.9", "net1")], { via: "10.210.1.1", dev: "net1" }),
    "one-default-route",
    [{ via: "10.210.1.9", dev: "net1" }],
  ],
  ["another order", checkOrder(status, ["ns/b", "ns/a"]), "order-of-attachments", ["ns/a", "ns/b"]],
  ["another name", checkGeneratedNames(links, { count: 1, podIfName: "net1" }), "generated-names", ["eth0"]],
  ["a missing name", checkGeneratedNames(links, { count: 2 }), "generated-names", ["net1"]],
];

describe("attachment checks", () => {
  for (const [title, check] of passing) it(`find ${title} right`, () => expect(check).deep.equal({ ok: true }));

  for (const [title, check, assertion, observed] of failing) {
    it(`notice ${title}`, () => {
      expect(check).deep.include({ ok: false, assertion, observed });
      expect(check).property("message").a("string");
      expect(JSON.parse(JSON.stringify(check))).deep.equal(check);
    });
  }
});
