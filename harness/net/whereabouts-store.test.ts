import { expect } from "chai";
import fc from "fast-check";
import { isWithinRange, parseWhereaboutsStore, poolName, reservationName } from "./whereabouts-store.ts";

const pool = (name: string, range: string, allocations: unknown): unknown => ({
  metadata: { name },
  spec: { range, allocations },
});
const held = { id: "c1", podref: "ns/p", ifname: "net1" };

describe("the store of whereabouts", () => {
  it("has an entry for each address, at its offset from the range", () => {
    const { entries, reservations } = parseWhereaboutsStore({
      pools: [
        pool("10.10.0.0-16", "10.10.0.0/16", { "257": held }),
        pool("red-fd00---64", "fd00::/64", { "1": { id: "c2", podref: "ns/q" } }),
        pool("10.11.0.0-24", "10.11.0.0/24", null),
      ],
      reservations: [{ metadata: { name: "10.10.1.1" }, spec: { podref: "ns/p", ifname: "net1" } }],
    });
    expect(entries).to.deep.equal([
      {
        pool: "10.10.0.0-16",
        range: "10.10.0.0/16",
        offset: "257",
        address: "10.10.1.1",
        containerId: "c1",
        podRef: "ns/p",
        ifname: "net1",
        reservation: "10.10.1.1",
      },
      {
        pool: "red-fd00---64",
        range: "fd00::/64",
        offset: "1",
        address: "fd00::1",
        containerId: "c2",
        podRef: "ns/q",
        ifname: "",
        reservation: "red-fd00--1",
      },
    ]);
    expect(reservations).to.deep.equal([{ name: "10.10.1.1", podRef: "ns/p", ifname: "net1" }]);
  });

  it("names pools and reservations as whereabouts does", () => {
    expect(poolName("192.168.2.225/28")).to.equal("192.168.2.224-28");
    expect(poolName("fd00::/64", "red")).to.equal("red-fd00---64");
    expect(reservationName("fd00::1")).to.equal("fd00--1");
    expect(reservationName("fd00::"), "no name ends with a colon").to.equal("fd00--0");
    expect(reservationName("10.0.0.1", "red")).to.equal("red-10.0.0.1");
  });

  it("is not read where an object is not as whereabouts writes it", () => {
    const read = (one: unknown) => () => parseWhereaboutsStore({ pools: [one], reservations: [] });
    expect(read(pool("a", "nothing", {})))
      .to.throw(/IPPool a .*"nothing"/)
      .with.property("code", "PL_IPAM_STORE");
    expect(read(pool("a", "10.0.0.0/24", { "256": held }))).to.throw(/offset 256 is outside of 10.0.0.0\/24/);
    expect(read(pool("a", "10.0.0.0/24", { x: held }))).to.throw(/cannot be read/);
    expect(read({ metadata: { name: "a" } }))
      .to.throw(/IPPool a/)
      .with.property("kind", "subject");
  });

  it("tells by its name what of it belongs to a range", () => {
    expect(isWithinRange("10.0.7.0-24", "10.0.7.0/24")).to.equal(true);
    expect(isWithinRange("a-net-10.0.7.9", "10.0.7.0/24")).to.equal(true);
    expect(isWithinRange("10.0.8.9", "10.0.7.0/24")).to.equal(false);
    expect(isWithinRange("fd00--1", "fd00::/64")).to.equal(true);
    expect(isWithinRange("red-fd00---64", "fd00::/64")).to.equal(true);
    expect(isWithinRange("fd01--1", "fd00::/64")).to.equal(false);
    expect(isWithinRange("no-address", "10.0.7.0/24")).to.equal(false);
  });

  it("finds every IPv4 reservation in its range again", () => {
    fc.assert(
      fc.property(fc.nat(255), fc.nat(255), fc.constantFrom("", "red", "a-b"), (net, host, name) => {
        const object = reservationName(`10.9.${net}.${host}`, name);
        expect(isWithinRange(object, `10.9.${net}.0/24`)).to.equal(true);
        expect(isWithinRange(object, "10.8.0.0/16")).to.equal(false);
      }),
    );
  });
});
