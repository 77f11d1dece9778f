import { expect } from "chai";
import fc from "fast-check";
import { PlumblineError } from "../core/errors.ts";
import { AddressPool, type PoolSlice } from "./address-pool.ts";
import { addressPart, containsAddress, overlaps, requireCidr } from "./address.ts";
import { isLocalUnicastMac } from "./mac.ts";

const DRAWS: Readonly<Record<string, (slice: PoolSlice) => string>> = {
  ipv4: (slice) => slice.ipv4Subnet().cidr,
  ipv6: (slice) => slice.ipv6Subnet().cidr,
  mac: (slice) => slice.mac(),
  vlan: (slice) => String(slice.vlanId()),
  port: (slice) => String(slice.hostPort()),
  bridge: (slice) => slice.bridgeName(),
  namespace: (slice) => slice.namespace("ATT-003"),
};

/** Draws until it is empty, at most `limit` times. */
function drain(draw: () => string, limit = 100_000): string[] {
  const drawn: string[] = [];
  try {
    while (drawn.length < limit) drawn.push(draw());
  } catch (error) {
    expect(error).instanceOf(PlumblineError).include({ code: "PL_POOL_EXHAUSTED", kind: "harness" });
  }
  return drawn;
}

describe("AddressPool", () => {
  for (const [kind, draw] of Object.entries(DRAWS)) {
    it(`hands out no ${kind} twice, whichever slices draw in whichever order`, () => {
      fc.assert(
        fc.property(fc.integer({ min: 1, max: 12 }), fc.array(fc.nat(11), { maxLength: 200 }), (slices, order) => {
          const pool = new AddressPool({ runId: "r1", slices });
          const lanes = Array.from({ length: slices }, (_, index) => pool.slice(index));
          const drawn = order.map((n) => draw(lanes[n % slices] ?? pool.slice(0)));
          expect(new Set(drawn).size).equal(drawn.length);
        }),
      );
    });
  }

  it("never hands out a network that overlaps another, or one in use", () => {
    const octet = fc.integer({ min: 208, max: 213 });
    const used = fc.array(
      fc.tuple(octet, fc.nat(255), fc.integer({ min: 12, max: 30 })).map(([a, b, p]) => `10.${a}.${b}.0/${p}`),
      { maxLength: 3 },
    );
    fc.assert(
      fc.property(used, fc.integer({ min: 1, max: 4 }), (avoid, slices) => {
        const pool = new AddressPool({ runId: "r1", slices, avoid });
        const drawn = Array.from({ length: slices }, (_, i) => pool.slice(i)).flatMap((s) =>
          drain(() => s.ipv4Subnet().cidr),
        );
        const cidrs = drawn.map((text) => requireCidr(text));
        for (const text of [...avoid, "10.244.0.0/16", "10.96.0.0/16"]) {
          expect(
            cidrs.some((c) => overlaps(c, requireCidr(text))),
            text,
          ).equal(false);
        }
        expect(new Set(drawn).size).equal(drawn.length);
        expect(cidrs.every((c) => c.prefix === 24)).equal(true);
      }),
      { numRuns: 25 },
    );
  });

  it("uses its base up before it says that nothing is left", () => {
    const pool = new AddressPool({ runId: "r1", slices: 2, ipv4Base: "10.210.0.0/22", avoid: ["10.210.1.0/24"] });
    expect(drain(() => pool.slice(0).ipv4Subnet().cidr, 1)).deep.equal(["10.210.0.0/24"]);
    const [a, b] = [pool.slice(0), pool.slice(1)];
    expect(drain(() => a.ipv4Subnet().cidr)).deep.equal(["10.210.0.0/24", "10.210.2.0/24"]);
    expect(drain(() => b.ipv4Subnet().cidr)).deep.equal(["10.210.3.0/24"]);
    expect(() => a.ipv4Subnet())
      .throw("slice 0 of the address pool has no IPv4 networks left")
      .property("hint");
    expect(drain(() => b.vlanId().toString())).lengthOf(2046);
  });

  it("moves a base that lies in the pod range out of use as a whole", () => {
    const pool = new AddressPool({ runId: "r1", slices: 1, ipv4Base: "10.244.8.0/21" });
    expect(drain(() => pool.slice(0).ipv4Subnet().cidr, 1)).deep.equal([]);
  });

  it("gives the same slice in every process, and other runs other names", () => {
    const all = (runId: string) =>
      Object.values(DRAWS).map((draw) => draw(new AddressPool({ runId, slices: 4 }).slice(3)));
    expect(all("r1")).deep.equal(all("r1"));
    for (const index of [2, 5, 6]) expect(all("r1")[index]).not.equal(all("r2")[index]);
  });

  it("makes names and addresses that the kernel and Kubernetes accept", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.nat(255), (runId, hint, index) => {
        const slice = new AddressPool({ runId, slices: 256 }).slice(index);
        expect(slice.bridgeName()).match(/^[a-z0-9]{1,15}$/);
        expect(slice.namespace(hint)).match(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
        expect(isLocalUnicastMac(slice.mac())).equal(true);
        expect(slice.vlanId()).within(2, 4094);
        expect(slice.hostPort()).within(20_000, 29_999);
      }),
    );
  });

  it("gives subnets with a gateway and addresses inside", () => {
    const slice = new AddressPool({ runId: "r1", slices: 1 }).slice(0);
    for (const subnet of [slice.ipv4Subnet(), slice.ipv6Subnet()]) {
      const cidr = requireCidr(subnet.cidr);
      for (const text of [subnet.gateway, subnet.address(7)]) {
        const address = addressPart(text);
        expect(address && containsAddress(cidr, address), text).equal(true);
      }
    }
    expect(new AddressPool({ runId: "r1", slices: 1 }).slice(0).ipv4Subnet().address(7)).equal("10.210.0.7/24");
  });

  it("takes networks on a link from the ranges that are free there, cut among the slices, and avoids nothing", () => {
    const linkRanges = ["10.244.0.0/23", "192.168.8.0/24"];
    const pool = new AddressPool({ runId: "r1", slices: 2, linkRanges });
    expect(drain(() => pool.slice(0).linkSubnet().cidr, 1)).deep.equal(["10.244.0.0/24"]);
    const [first, second] = [pool.slice(0), pool.slice(1)];
    expect([first.linkSubnet().cidr, first.linkSubnet().cidr]).deep.equal(["10.244.0.0/24", "192.168.8.0/24"]);
    expect(second.linkSubnet().cidr).equal("10.244.1.0/24");
    expect(() => second.linkSubnet()).throw("no networks in the configured ranges left");
    expect(new AddressPool({ runId: "r1", slices: 1 }).slice(0).linkSubnet().cidr).equal("10.210.0.0/24");
  });

  it("takes networks on the link of VFs from ranges of their own", () => {
    const options = { runId: "r1", slices: 2, linkRanges: ["192.168.8.0/24"], vfRanges: ["10.244.0.0/23"] };
    const [first, second] = [0, 1].map((n) => new AddressPool(options).slice(n));
    expect([first?.vfSubnet().cidr, second?.vfSubnet().cidr]).deep.equal(["10.244.0.0/24", "10.244.1.0/24"]);
    expect(() => first?.vfSubnet()).throw("no networks in the ranges of cluster.sriov left");
    expect(new AddressPool({ runId: "r1", slices: 1 }).slice(0).vfSubnet().cidr).equal("10.210.0.0/24");
  });

  it("refuses senseless options", () => {
    expect(() => new AddressPool({ runId: "r", slices: 0 })).throw("1 to 256 slices");
    expect(() => new AddressPool({ runId: "r", slices: 2 }).slice(2)).throw("slices 0 to 1, number 2");
    expect(() => new AddressPool({ runId: "r", slices: 1, avoid: ["x"] }).slice(0)).throw("not in CIDR notation");
    expect(() => new AddressPool({ runId: "r", slices: 1, ipv4Base: "10.210.0.0" }).slice(0)).throw(PlumblineError);
  });
});
