import { expect } from "chai";
import fc from "fast-check";
import { PlumblineError } from "../core/errors.ts";
import { CNI_RESULT_VERSIONS, parseCniResult, podAddresses, sandboxInterfaces } from "./cni-result.ts";

/** What the bridge plugin prints. */
function bridgeResult(cniVersion: string) {
  const version = cniVersion.startsWith("0.") ? { version: "4" } : {};
  return {
    cniVersion,
    interfaces: [
      { name: "plbr0", mac: "02:00:00:00:00:01" },
      { name: "veth1234", mac: "02:00:00:00:00:02" },
      { name: "net1", mac: "02:00:00:00:00:03", sandbox: "/var/run/netns/cni-1" },
    ],
    ips: [{ ...version, interface: 2, address: "10.1.1.2/24", gateway: "10.1.1.1" }],
    routes: [{ dst: "0.0.0.0/0", gw: "10.1.1.1" }, { dst: "10.9.0.0/16" }],
    dns: {},
  };
}

describe("parseCniResult", () => {
  for (const version of CNI_RESULT_VERSIONS) {
    it(`reads ${version}`, () => {
      const result = parseCniResult(bridgeResult(version));
      expect(result.cniVersion).equal(version);
      expect(sandboxInterfaces(result).map((i) => i.name)).deep.equal(["net1"]);
      expect(podAddresses(result)).deep.equal(["10.1.1.2/24"]);
      expect(result.routes[0]).deep.equal({ dst: "0.0.0.0/0", gw: "10.1.1.1" });
      expect(result.dns).deep.equal({ nameservers: [], domain: undefined, search: [], options: [] });
    });
  }

  it("reads what an IPAM plugin prints, nulls and absent lists", () => {
    const result = parseCniResult({ cniVersion: "1.0.0", interfaces: null, ips: [{ address: "fd00::2/64" }] });
    expect(result.interfaces).deep.equal([]);
    expect(podAddresses(result)).deep.equal(["fd00::2/64"]);
  });

  it("leaves out addresses of other interfaces and keeps an index that points nowhere", () => {
    const base = bridgeResult("1.0.0");
    const result = parseCniResult({
      ...base,
      ips: [...base.ips, { address: "10.1.1.1/24", interface: 0 }, { address: "10.1.1.9/24", interface: 7 }],
    });
    expect(podAddresses(result)).deep.equal(["10.1.1.2/24"]);
    expect(result.ips[2]?.interface).equal(7);
  });

  const base = bridgeResult("1.0.0");
  const refused: readonly (readonly [string, unknown, string])[] = [
    ["a list", [], "not a JSON object"],
    ["null", null, "not a JSON object"],
    ["no version", { ips: [] }, "has no cniVersion"],
    ["a number as version", { cniVersion: 1 }, "cniVersion is not a string"],
    ["0.2.0", { cniVersion: "0.2.0", ip4: { ip: "10.1.1.2/24" } }, 'cniVersion "0.2.0" is none of 0.3.0'],
    [
      "an address without prefix",
      { ...base, ips: [{ address: "10.1.1.2" }] },
      "ips[0].address: is not in CIDR notation",
    ],
    [
      "a bad gateway",
      { ...base, ips: [{ address: "10.1.1.2/24", gateway: "<nil>" }] },
      "ips[0].gateway: is not an IP address",
    ],
    ["a bad route", { ...base, routes: [{ dst: "default" }] }, "routes[0].dst: is not in CIDR notation"],
    ["a nameless interface", { ...base, interfaces: [{ mac: "x" }] }, "interfaces[0].name"],
    ["an index of text", { ...base, ips: [{ address: "10.1.1.2/24", interface: "2" }] }, "ips[0].interface"],
    [
      "a lying ip version",
      { ...bridgeResult("0.4.0"), ips: [{ version: "6", address: "10.1.1.2/24" }] },
      'ips[0].version is "6"',
    ],
    ["no ip version", { ...bridgeResult("0.3.1"), ips: [{ address: "10.1.1.2/24" }] }, "ips[0].version is null"],
  ];
  for (const [title, value, message] of refused) {
    it(`refuses ${title}`, () => {
      expect(() => parseCniResult(value))
        .throw(PlumblineError, message)
        .include({ code: "PL_CNI_RESULT", kind: "subject" });
    });
  }

  it("answers or refuses whatever JSON it gets, and never breaks", () => {
    const key = fc.constantFrom("interfaces", "ips", "routes", "dns", "x");
    const value = fc.oneof(
      fc.jsonValue(),
      fc.array(fc.dictionary(fc.constantFrom("name", "address", "interface", "dst", "gw", "version"), fc.jsonValue())),
    );
    fc.assert(
      fc.property(fc.dictionary(key, value), fc.constantFrom(...CNI_RESULT_VERSIONS, "9"), (body, cniVersion) => {
        try {
          podAddresses(parseCniResult({ ...body, cniVersion }));
        } catch (error) {
          expect(error).instanceOf(PlumblineError);
        }
      }),
    );
  });
});
