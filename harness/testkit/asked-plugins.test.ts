import { expect } from "chai";
import { loadNetworkTemplate } from "../config/network-templates.ts";
import type { PluginRole } from "../config/plugin-schema.ts";
import type { SubjectPlugin } from "../config/plugin-under-test.ts";
import { AddressPool } from "../net/address-pool.ts";
import { askedPlugins, pluginConfigs } from "./asked-plugins.ts";
import { network, pod, type LiveNetwork } from "./index.ts";
import type { LaneContext } from "./lane-context.ts";
import { LiveNetworks } from "./live-networks.ts";
import { takesPlaceOf } from "./subject-network.ts";
import { whyNotAsked } from "./why-not-asked.ts";

function subjectOf(role: PluginRole, changes: Partial<SubjectPlugin["template"]> = {}): SubjectPlugin {
  const template = { ...loadNetworkTemplate("macvlan"), cniVersion: "0.4.0" as const, ...changes };
  return { name: "mine", role, template, supportedVersions: ["0.4.0"] };
}
const makes = subjectOf("interface", { plugins: [{ type: "mine", on: "${master}", ipam: "${ipam}" }] });
const changes = subjectOf("chained", {
  plugins: [
    { type: "ptp", ipam: "${ipam}" },
    { type: "mine", vlan: "${vlanId}" },
  ],
});
const addresses = subjectOf("ipam", {
  plugins: [{ type: "ptp", ipam: "${ipam}" }],
  ipam: { own: { type: "mine", range: "${range}" } },
});

const plain = network("plain", { type: "bridge", ipam: "host-local" });
const open = network("open", { type: "bridge", ipam: "host-local", forSubject: true });
const fixed = network("fixed", { type: "bridge", ipam: "static", forSubject: true });
const requested = network("requested", { type: "bridge", ipam: "host-local", forSubject: "ips" });

describe("the plugin under test in cases", () => {
  const networks = (subject: SubjectPlugin | undefined): LiveNetworks => {
    const slice = new AddressPool({ runId: "r", slices: 1, avoid: [] }).slice(0);
    const namespaces = { own: "own", other: "other" };
    return new LiveNetworks({ subject, slice, namespaces, batchTag: "0x0", masterInterface: "eth7" } as LaneContext);
  };
  const live = (subject: SubjectPlugin | undefined): LiveNetwork => networks(subject).live(open);

  it("takes the place of networks that are open to it", () => {
    const taken = (subject: SubjectPlugin) => [plain, open, fixed, requested].map((one) => takesPlaceOf(subject, one));
    expect(taken(makes)).to.deep.equal([false, true, true, false]);
    expect(taken(addresses)).to.deep.equal([false, true, false, false]);
    expect(taken(subjectOf("interface"))).to.deep.equal([false, true, true, true]);
    const config = (subject: SubjectPlugin | undefined): unknown => {
      const made = networks(subject);
      made.live(open);
      return JSON.parse(String((made.manifests()[0]?.["spec"] as { config?: unknown } | undefined)?.config));
    };
    expect(config(makes)).to.deep.nested.include({ "plugins[0].type": "mine", "plugins[0].on": "eth7" });
    expect(config(makes)).to.have.nested.property("plugins[0].ipam.type", "host-local");
    expect(config(addresses)).to.have.nested.property("plugins[0].ipam.type", "mine");
    expect(config(undefined)).to.have.nested.property("plugins[0].type", "bridge");
  });

  it("is asked alone, in its own version", () => {
    expect(askedPlugins(undefined)).to.deep.include({ version: "1.0.0", areUnderTest: false });
    expect(askedPlugins(undefined).names).to.include.members(["bridge", "host-local", "tuning"]);
    expect(askedPlugins(makes)).to.deep.include({ names: ["mine"], version: "0.4.0", areUnderTest: true });
    expect(["0.4.0", "1.1.0"].map((one) => askedPlugins(makes).supports(one))).to.deep.equal([true, false]);
  });

  it("is configured by its role", () => {
    const kinds = ({ interfaces, chained, ipam, under }: ReturnType<typeof pluginConfigs>) => {
      return [...[interfaces, chained, ipam].map((group) => Object.keys(group).join()), under["type"]];
    };
    expect(kinds(pluginConfigs(live(makes)))).to.deep.equal(["mine", "", "", "bridge"]);
    expect(kinds(pluginConfigs(live(changes)))).to.deep.equal(["", "mine", "", "ptp"]);
    expect(kinds(pluginConfigs(live(addresses)))).to.deep.equal(["", "", "mine", "ptp"]);
    const of = live(makes);
    expect(pluginConfigs(of).interfaces["mine"]).to.deep.include({ cniVersion: "0.4.0", name: of.name, on: "eth7" });
    expect(pluginConfigs(of, "0.3.1").interfaces["mine"]).to.include({ cniVersion: "0.3.1" });
    // the route is what CNI-008 and CNI-018 look for
    expect(pluginConfigs(of).interfaces["mine"]).to.deep.nested.include({
      "ipam.routes": [{ dst: "198.51.100.0/24" }],
    });
    expect(pluginConfigs(live(addresses)).ipam["mine"]).to.deep.nested.include({
      "ipam.range": live(addresses).range,
    });
  });

  it("is asked by cases for its role, or with a network that it takes the place of", () => {
    const by = (...of: Parameters<typeof pod>[1][number][]) => ({ pods: { p: pod("p", of) } });
    expect(whyNotAsked(makes, { pods: {}, asks: ["interface"] })).to.equal(undefined);
    expect(whyNotAsked(makes, by(plain, open))).to.equal(undefined);
    expect(whyNotAsked(makes, by(plain))).to.contain("nothing to ask mine");
    expect(whyNotAsked(makes, by(requested))).to.contain("capability ips, which the network of mine does not declare");
    expect(whyNotAsked(addresses, by(fixed))).to.contain("nothing to ask mine");
    expect(whyNotAsked(addresses, { ...by(open), asks: ["chained"] })).to.contain("it asks chained plugins");
  });
});
