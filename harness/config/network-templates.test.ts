import { expect } from "chai";
import { PlumblineError } from "../core/errors.ts";
import { ipamTypeOf, pluginsOf } from "../net/cni-cache.ts";
import {
  loadNetworkTemplate,
  networkTypes,
  parseNetworkTemplate,
  REACH_TARGETS,
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
  device: "plb1",
  vlanId: 7,
};

const CHAINED = ["bandwidth", "firewall", "portmap", "sbr", "tuning", "vrf"];

describe("network templates", () => {
  it("include every kind of interface and of chained plugin", () => {
    const interfaces = ["bridge", "dummy", "host-device", "ipvlan", "macvlan", "ptp", "tap", "vlan"];
    expect(networkTypes()).include.members([...interfaces, ...CHAINED]);
  });

  for (const type of networkTypes()) {
    for (const ipam of Object.keys(loadNetworkTemplate(type).ipam)) {
      it(`render ${type} with ${ipam}`, () => {
        const config = renderNetwork(loadNetworkTemplate(type), { ipam, values });
        expect(JSON.stringify(config)).not.contain("${");
        expect(config).include.keys("cniVersion", "plugins").and.not.have.property("name");
        expect(ipamTypeOf(config)).equal(ipam);
        const plugins = pluginsOf(config);
        const { plugin = type } = loadNetworkTemplate(type);
        expect(plugins[CHAINED.includes(type) ? 1 : 0]).include({ type: plugin });
        expect(plugins[0]).nested.include({ "capabilities.ips": true });
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
      const { must, mustNot, open } = loadNetworkTemplate(type).reach;
      const told = [...must, ...mustNot, ...open].map(({ to }) => to);
      expect(told, type).have.members(REACH_TARGETS);
    }
  });

  it("refuse a type that does not tell of everybody, or twice of somebody", () => {
    const withReach = (reach: string): string =>
      `type: x\nlinkKind: x\ncniVersion: 1.0.0\nplugins: [{type: x}]\nipam: {static: {type: static}}\nneeds: {kernel: [], binaries: []}\nreach: ${reach}\nremains: []\n`;
    const all = REACH_TARGETS.map((to) => `{to: ${to}, why: so}`);
    const told = (must: readonly string[], mustNot: readonly string[] = []): string =>
      withReach(`{must: [${must.join(", ")}], mustNot: [${mustNot.join(", ")}], open: []}`);
    expect(parseNetworkTemplate(told(all), "x").reach.must).length(REACH_TARGETS.length);
    expect(() => parseNetworkTemplate(told(all.slice(1)), "x")).throw("tells 0 times of pod-same-node, not once");
    expect(() => parseNetworkTemplate(told(all, all.slice(-1)), "x")).throw("tells 2 times of outside-peer, not once");
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
    const open = REACH_TARGETS.map((to) => `{to: ${to}, why: so}`).join(", ");
    const text = `type: x\nlinkKind: x\ncniVersion: 1.0.0\nplugins: [{type: x, vlan: "\${vlan}", note: "is \${vlan}"}]\nipam: {static: {type: static}}\nneeds: {kernel: [], binaries: []}\nreach: {must: [], mustNot: [], open: [${open}]}\nremains: []\n`;
    const config = renderNetwork(parseNetworkTemplate(text, "x"), { ipam: "static", values: { vlan: 7 } });
    expect(config["plugins"]).deep.equal([{ type: "x", vlan: 7, note: "is 7" }]);
    expect(() => parseNetworkTemplate(text, "y")).throw("calls itself x");
    expect(() => parseNetworkTemplate("type: x\n", "x"))
      .throw(PlumblineError, "malformed")
      .include({ kind: "harness" });
    expect(() => parseNetworkTemplate("[", "x")).throw(PlumblineError, "not valid YAML");
  });
});
