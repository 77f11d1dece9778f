import { expect } from "chai";
import fc from "fast-check";
import { PlumblineError } from "../core/errors.ts";
import { cacheFileName, ipamTypeOf, parseDelegateCache, parseLibcniCache } from "./cni-cache.ts";

const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64");
const config = {
  cniVersion: "1.0.0",
  name: "plain",
  plugins: [{ type: "macvlan", ipam: { type: "static" } }, { type: "tuning" }],
};

const cached = {
  kind: "cniCacheV1",
  containerId: "abc",
  config: base64(config),
  ifName: "net1",
  networkName: "plain",
  netns: "/var/run/netns/cni-1",
  cniArgs: [["K8S_POD_NAME", "p"]],
  capabilityArgs: { ips: ["10.1.1.2/24"] },
  result: {
    cniVersion: "1.0.0",
    interfaces: [{ name: "net1", sandbox: "/x" }],
    ips: [{ address: "10.1.1.2/24", interface: 0 }],
    dns: {},
  },
};

describe("parseLibcniCache", () => {
  it("reads call, configuration and result", () => {
    const entry = parseLibcniCache(JSON.stringify(cached));
    expect(cacheFileName(entry)).equal("plain-abc-net1");
    expect(entry.config).deep.equal(config);
    expect(entry.capabilityArgs).deep.equal({ ips: ["10.1.1.2/24"] });
    expect(entry.cniArgs).deep.equal([["K8S_POD_NAME", "p"]]);
    expect(entry.result?.ips[0]?.address).equal("10.1.1.2/24");
  });

  it("reads an entry without a result and with a broken configuration", () => {
    const entry = parseLibcniCache(
      JSON.stringify({ ...cached, result: undefined, config: "!!", capabilityArgs: null, cniArgs: null }),
    );
    expect(entry).include({ result: undefined, config: undefined });
    expect(entry.capabilityArgs).deep.equal({});
  });

  for (const [title, text, message] of [
    ["an empty file", "", "it is empty"],
    ["half a file", '{"kind":', "JSON"],
    ["another kind", JSON.stringify({ ...cached, kind: "cniCacheV9" }), "kind:"],
    ["no container", JSON.stringify({ ...cached, containerId: undefined }), "containerId:"],
    ["a bad result", JSON.stringify({ ...cached, result: { cniVersion: "0.1.0" } }), "cniVersion"],
  ] as const) {
    it(`refuses ${title}`, () => expect(() => parseLibcniCache(text)).throw(PlumblineError, message));
  }
});

describe("parseDelegateCache", () => {
  it("names networks as the status does and as the cache files do", () => {
    const delegates = parseDelegateCache(
      JSON.stringify([
        {
          Conf: { type: "" },
          ConfList: { cniVersion: "0.3.1", name: "cbr0", plugins: [{ type: "flannel" }] },
          Name: "cbr0",
          Bytes: base64({ name: "cbr0", plugins: [{ type: "flannel" }] }),
        },
        {
          Conf: { name: "plain", type: "macvlan" },
          ConfList: {},
          Name: "ns1/net-a",
          ifnameRequest: "foo",
          Bytes: base64({ ...config, name: "plain" }),
        },
        { Conf: { name: "plain" }, ConfList: { name: "" }, Name: "", Bytes: null },
      ]),
    );
    expect(delegates.map((d) => [d.name, d.networkName, d.ifNameRequest])).deep.equal([
      ["cbr0", "cbr0", undefined],
      ["ns1/net-a", "plain", "foo"],
      ["plain", "plain", undefined],
    ]);
    expect(delegates.map((d) => d.config && ipamTypeOf(d.config))).deep.equal(["host-local", "static", undefined]);
  });

  it("refuses or reads any JSON", () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        try {
          parseDelegateCache(text);
        } catch (error) {
          expect(error).instanceOf(PlumblineError).property("code").equal("PL_CNI_CACHE");
        }
      }),
    );
  });
});

describe("ipamTypeOf", () => {
  it("looks through the list and at a single plugin", () => {
    expect(ipamTypeOf({ type: "ptp", ipam: { type: "host-local" } })).equal("host-local");
    expect(ipamTypeOf({ plugins: [{ type: "tuning" }, { type: "bridge", ipam: { type: "dhcp" } }] })).equal("dhcp");
    expect(ipamTypeOf({ type: "macvlan", ipam: {} })).equal(undefined);
    expect(ipamTypeOf({ plugins: [null, "x"] })).equal(undefined);
  });
});
