import { expect } from "chai";
import { PlumblineError } from "../core/errors.ts";
import { ipamTypeOf, pluginsOf } from "../net/cni-cache.ts";
import {
  loadNetworkTemplate,
  networkTypes,
  parseNetworkTemplate,
  remainingLinks,
  renderNetwork,
} from "./network-templates.ts";

const values = {
  range: "10.210.3.0/24",
  gateway: "10.210.3.1",
  address: "10.210.3.100/24",
  rangeStart: "10.210.3.10",
  rangeEnd: "10.210.3.200",
  master: "eth0",
  bridge: "plb1",
};

describe("network templates", () => {
  it("include bridge and macvlan", () => {
    expect(networkTypes()).include.members(["bridge", "macvlan"]);
  });

  for (const type of networkTypes()) {
    for (const ipam of Object.keys(loadNetworkTemplate(type).ipam)) {
      it(`render ${type} with ${ipam}`, () => {
        const config = renderNetwork(loadNetworkTemplate(type), { ipam, values });
        expect(JSON.stringify(config)).not.contain("${");
        expect(config).include.keys("cniVersion", "plugins").and.not.have.property("name");
        expect(ipamTypeOf(config)).equal(ipam);
        expect(pluginsOf(config)[0]).deep.include({ type, capabilities: { ips: true, mac: true } });
      });
    }
  }

  it("put values where they belong", () => {
    expect(renderNetwork(loadNetworkTemplate("macvlan"), { ipam: "static", values })).deep.equal({
      cniVersion: "1.0.0",
      plugins: [
        {
          type: "macvlan",
          master: "eth0",
          mode: "bridge",
          capabilities: { ips: true, mac: true },
          ipam: { type: "static", addresses: [{ address: "10.210.3.100/24", gateway: "10.210.3.1" }] },
        },
      ],
    });
    const bridge = renderNetwork(loadNetworkTemplate("bridge"), { ipam: "host-local", values });
    expect(pluginsOf(bridge)[0]).deep.include({
      bridge: "plb1",
      ipam: {
        type: "host-local",
        ranges: [
          [{ subnet: "10.210.3.0/24", rangeStart: "10.210.3.10", rangeEnd: "10.210.3.200", gateway: "10.210.3.1" }],
        ],
      },
    });
  });

  it("say what stays, and who is reached", () => {
    expect(remainingLinks(loadNetworkTemplate("bridge"), values)).deep.equal(["plb1"]);
    expect(remainingLinks(loadNetworkTemplate("macvlan"), values)).deep.equal([]);
    for (const type of networkTypes()) {
      const { must, mustNot } = loadNetworkTemplate(type).reach;
      expect(must.length * mustNot.length, type).greaterThan(0);
      expect(must.filter(({ to }) => mustNot.some((other) => other.to === to))).deep.equal([]);
    }
  });

  it("refuse what is not there", () => {
    const bridge = loadNetworkTemplate("bridge");
    expect(() => loadNetworkTemplate("macvlam"))
      .throw(PlumblineError, "no network type")
      .include({ kind: "usage", hint: "did you mean macvlan?" });
    expect(() => loadNetworkTemplate("../stacks/ptp-thick")).throw(PlumblineError, "no network type");
    expect(() => renderNetwork(bridge, { ipam: "dhcp", values })).throw(
      PlumblineError,
      'has no IPAM "dhcp", only host-local, static',
    );
    expect(() => renderNetwork(bridge, { ipam: "constructor", values })).throw(PlumblineError, "has no IPAM");
    expect(() => renderNetwork(bridge, { ipam: "static", values: { bridge: "b", gateway: "g" } })).throw(
      PlumblineError,
      "needs a value for address",
    );
  });

  it("keep the type of a value that is all of a text", () => {
    const text = `type: x\nlinkKind: x\ncniVersion: 1.0.0\nplugins: [{type: x, vlan: "\${vlan}", note: "is \${vlan}"}]\nipam: {static: {type: static}}\nneeds: {kernel: [], binaries: []}\nreach: {must: [], mustNot: []}\nremains: []\n`;
    const config = renderNetwork(parseNetworkTemplate(text, "x"), { ipam: "static", values: { vlan: 7 } });
    expect(config["plugins"]).deep.equal([{ type: "x", vlan: 7, note: "is 7" }]);
    expect(() => parseNetworkTemplate(text, "y")).throw("calls itself x");
    expect(() => parseNetworkTemplate("type: x\n", "x"))
      .throw(PlumblineError, "malformed")
      .include({ kind: "harness" });
    expect(() => parseNetworkTemplate("[", "x")).throw(PlumblineError, "not valid YAML");
  });
});
