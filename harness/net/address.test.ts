import { isIPv4, isIPv6 } from "node:net";
import { expect } from "chai";
import fc from "fast-check";
import {
  addressOf,
  addressPart,
  canonicalAddress,
  containsAddress,
  isLinkLocal,
  networkOf,
  nthAddress,
  nthSubnet,
  overlaps,
  parseAddress,
  parseCidr,
  requireCidr,
  sameAddress,
  sizeOf,
  type Family,
} from "./address.ts";

const family = fc.constantFrom<Family>(4, 6);
const address = family.chain((f) =>
  fc.bigInt(0n, (1n << (f === 4 ? 32n : 128n)) - 1n).map((value) => addressOf(f, value)),
);
const cidr = address.chain((a) =>
  fc.integer({ min: 0, max: a.family === 4 ? 32 : 128 }).map((p) => requireCidr(`${a.text}/${p}`)),
);

describe("addresses", () => {
  for (const bad of [
    "",
    "1",
    "10.1",
    "010.0.0.1",
    "10.0.0.01",
    "0x0a.0.0.1",
    "300.1.1.1",
    " 10.0.0.1",
    "10.0.0.1/24",
    "::1%eth0",
    "1::2::3",
    "<nil>",
    ":",
    "g::",
  ]) {
    it(`refuses ${JSON.stringify(bad)}`, () => expect(parseAddress(bad)).equal(undefined));
  }

  it("takes exactly what the system's own parser takes, zones apart", () => {
    const nearly = fc.string({ unit: fc.constantFrom(..."0123459af:.%/x".split("")), maxLength: 20 });
    fc.assert(
      fc.property(fc.oneof(nearly, fc.ipV4(), fc.ipV6(), fc.ipV4Extended()), (text) => {
        const expected = isIPv4(text) || (isIPv6(text) && !text.includes("%"));
        expect(parseAddress(text) !== undefined, text).equal(expected);
      }),
      { numRuns: 2_000 },
    );
  });

  it("survives a round trip and has one spelling", () => {
    fc.assert(fc.property(address, (a) => void expect(parseAddress(a.text)).deep.equal(a)));
    expect(canonicalAddress("2001:DB8:0:0:0:0:0:5")).equal("2001:db8::5");
    expect(sameAddress("2001:db8::5", "2001:0DB8::0005")).equal(true);
    expect(sameAddress("10.0.0.1", "10.0.0.2")).equal(false);
    expect(sameAddress("<nil>", "<nil>")).equal(false);
  });

  it("keeps a mapped address apart from the IPv4 one", () => {
    expect(parseAddress("::ffff:10.0.0.1")?.family).equal(6);
    expect(sameAddress("::ffff:10.0.0.1", "10.0.0.1")).equal(false);
  });

  it("knows link-local", () => {
    const linkLocal = (text: string) => isLinkLocal(requireCidr(`${text}/64`).address);
    expect(["fe80::1", "febf::1", "fec0::1", "fd00::1"].map(linkLocal)).deep.equal([true, true, false, false]);
    expect(isLinkLocal(requireCidr("169.254.1.1/32").address)).equal(false);
  });
});

describe("networks", () => {
  for (const bad of [
    "10.0.0.0",
    "10.0.0.0/33",
    "10.0.0.0/-1",
    "10.0.0.0/",
    "10.0.0.0/08",
    "10.1.1.1/99",
    "fd00::/129",
    "10.0.0.0/24/24",
    "/24",
  ]) {
    it(`refuses ${JSON.stringify(bad)}`, () => {
      expect(parseCidr(bad)).equal(undefined);
      expect(() => requireCidr(bad)).throw("not an address with a prefix length");
    });
  }

  it("keeps host bits until asked for the network", () => {
    expect(requireCidr("10.1.1.2/24").text).equal("10.1.1.2/24");
    expect(networkOf(requireCidr("10.1.1.2/24")).text).equal("10.1.1.0/24");
    expect(addressPart("10.1.1.2/24")?.text).equal("10.1.1.2");
    expect(addressPart("10.1.1.2")?.text).equal("10.1.1.2");
    expect(addressPart("10.1.1.2/x")).equal(undefined);
  });

  it("finds the nth address from either end", () => {
    expect(nthAddress(requireCidr("10.1.1.2/24"), 1).text).equal("10.1.1.1");
    expect(nthAddress(requireCidr("10.1.1.0/24"), -1).text).equal("10.1.1.255");
    expect(nthAddress(requireCidr("fd00::/64"), 0x1_0000_0000n).text).equal("fd00::1:0:0");
    expect(() => nthAddress(requireCidr("10.1.1.0/30"), 4)).throw("has 4 addresses, number 4");
    expect(() => nthAddress(requireCidr("10.1.1.0/30"), -5)).throw("has 4 addresses, number -5");
  });

  it("contains its first and its last address and nothing beside them", () => {
    fc.assert(
      fc.property(cidr, address, (c, other) => {
        const [first, last] = [nthAddress(c, 0), nthAddress(c, -1)];
        expect(containsAddress(c, first) && containsAddress(c, last) && containsAddress(c, c.address)).equal(true);
        const inside = c.family === other.family && other.value >= first.value && other.value <= last.value;
        expect(containsAddress(c, other)).equal(inside);
      }),
    );
  });

  it("overlaps where one contains the other's first address", () => {
    fc.assert(
      fc.property(cidr, cidr, (a, b) => {
        const expected = containsAddress(a, nthAddress(b, 0)) || containsAddress(b, nthAddress(a, 0));
        expect(overlaps(a, b)).equal(expected);
        expect(overlaps(b, a)).equal(expected);
      }),
    );
  });

  it("splits into disjoint networks that fill it", () => {
    const base = requireCidr("10.210.0.0/22");
    const parts = [0, 1, 2, 3].map((n) => nthSubnet(base, { prefix: 24, n }));
    expect(parts.map((p) => p.text)).deep.equal(["10.210.0.0/24", "10.210.1.0/24", "10.210.2.0/24", "10.210.3.0/24"]);
    expect(parts.reduce((sum, p) => sum + sizeOf(p), 0n)).equal(sizeOf(base));
    expect(() => nthSubnet(base, { prefix: 24, n: 4 })).throw("no network number 4");
    expect(() => nthSubnet(base, { prefix: 16, n: 0 })).throw("no network number 0");
  });
});
