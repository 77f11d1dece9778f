import { expect } from "chai";
import fc from "fast-check";
import { overlaps, requireCidr } from "../net/address.ts";
import { freeSubnet, routesOf } from "./cluster-network.ts";

describe("freeSubnet", () => {
  it("overlaps nothing that is used, nor the networks inside of the nodes", () => {
    const used = fc.array(
      fc.tuple(fc.constantFrom("172.31", "10.213", "192.168", "10.0"), fc.nat(255), fc.integer({ min: 12, max: 28 })),
      { maxLength: 20 },
    );
    fc.assert(
      fc.property(used, fc.string(), (nets, name) => {
        const cidrs = nets.map(([start, third, prefix]) => requireCidr(`${start}.${third}.0/${prefix}`));
        const chosen = attempt(() => freeSubnet(cidrs, name));
        if (chosen === undefined) return;
        expect(chosen.prefix).to.equal(24);
        for (const other of [...cidrs, requireCidr("10.244.0.0/16")]) expect(overlaps(other, chosen)).to.equal(false);
      }),
    );
  });

  it("goes on to the next range when one is used up", () => {
    expect(freeSubnet([requireCidr("172.16.0.0/12")], "x").text).to.match(/^10\.213\./);
  });

  it("says when everything is used up", () => {
    expect(() => freeSubnet([requireCidr("128.0.0.0/1"), requireCidr("0.0.0.0/1")], "x")).to.throw(/no IPv4 subnet/);
  });
});

describe("routesOf", () => {
  it("reads the kernel's table", () => {
    const table = [
      "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT",
      "eth0\t00000000\t0100A8C0\t0003\t0\t0\t0\t00000000\t0\t0\t0",
      "eth0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0",
    ];
    expect(routesOf(`${table.join("\n")}\n`)).to.deep.equal(["0.0.0.0/0", "172.17.0.0/16"]);
  });
});

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
