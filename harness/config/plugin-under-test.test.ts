import { readFileSync } from "node:fs";
import { expect } from "chai";
import { PlumblineError } from "../core/errors.ts";
import { packageFile } from "../core/package-root.ts";
import { parseConfig } from "./load-config.ts";
import { renderNetwork } from "./network-templates.ts";
import { pluginUnderTest, type PluginUnderTest } from "./plugin-under-test.ts";

const values = {
  range: "10.210.3.0/24",
  gateway: "10.210.3.1",
  address: "10.210.3.100/24",
  rangeStart: "10.210.3.10",
  rangeEnd: "10.210.3.200",
  bridge: "plb1",
};

function from(yaml: string): PluginUnderTest {
  const { plugin } = parseConfig(yaml, "plumbline.yaml");
  return pluginUnderTest(plugin ?? expect.fail("no plugin"));
}

function refusal(yaml: string): string {
  try {
    from(yaml);
  } catch (error) {
    if (error instanceof PlumblineError) return `${error.code} ${error.message}`;
    throw error;
  }
  return expect.fail("it was accepted");
}

describe("the plugin under test", () => {
  it("needs a cluster where it says so, or needs files or objects", () => {
    const needs = (more: string): boolean => from(`plugin: { source: ./bin/my-cni${more} }`).needsCluster;
    expect(needs("")).to.equal(false);
    expect(needs(", needsCluster: true")).to.equal(true);
    expect(needs(", files: { /etc/my-cni.conf: text }")).to.equal(true);
    expect(needs(", objects: [{ apiVersion: v1, kind: ConfigMap, metadata: { name: a } }]")).to.equal(true);
  });

  it("needs no more than its source", () => {
    const { name, role, template } = from("plugin: { source: ./bin/my-cni }");
    expect([name, role]).to.deep.equal(["my-cni", "interface"]);
    const { plugins } = renderNetwork(template, { ipam: "static", values }) as { plugins: unknown };
    expect(plugins).to.deep.equal([
      { type: "my-cni", ipam: { type: "static", addresses: [{ address: values.address, gateway: values.gateway }] } },
    ]);
  });

  it("is what its network makes of it", () => {
    const first = "plugin: { source: ./x, network: { plugins: [{ type: x, mode: a, ipam: '${ipam}' }] } }";
    const second =
      "plugin: { source: ./x, network: { plugins: [{ type: ptp, ipam: '${ipam}' }, { type: x, n: '${vlanId}' }] } }";
    const third = "plugin: { source: ./x, network: { ipam: { own: { type: x, range: '${range}' } } } }";
    expect([first, second, third].map((yaml) => from(yaml).role)).to.deep.equal(["interface", "chained", "ipam"]);
    const { template } = from(third);
    expect(Object.keys(template.ipam)).to.deep.equal(["own"]);
    expect(renderNetwork(template, { ipam: "own", values })).to.deep.nested.include({
      "plugins[0].type": "bridge",
      "plugins[0].ipam": { type: "x", range: values.range },
    });
  });

  it("is like the reference plugin whose name it has", () => {
    const role = (name: string) => from(`plugin: { source: ./out/${name} }`).role;
    expect(["macvlan", "tuning", "static"].map(role)).to.deep.equal(["interface", "chained", "ipam"]);
    expect(from("plugin: { source: ./out/macvlan }").template.plugins[0]).to.include({ mode: "bridge" });
  });

  it("is qualified as README.md shows it", () => {
    const readme = readFileSync(packageFile("README.md"), "utf8");
    const [, example = ""] = /```yaml\n([^`]*\nplugin:[^`]*)```/.exec(readme) ?? [];
    const { name, role, objects, template } = from(example);
    expect([name, role, objects.length]).to.deep.equal(["whereabouts", "ipam", 2]);
    const { plugins } = renderNetwork(template, { ipam: "own", values }) as { plugins: readonly unknown[] };
    expect(plugins[0]).to.deep.nested.include({ type: "bridge", "ipam.range": values.range });
  });

  it("is told where it lacks something", () => {
    for (const [lines, message] of [
      [["source: go:example.com/x"], "PL_CONFIG plumbline.yaml:2:11: plugin.source must name a version"],
      [
        ["source: ./x", "objects:", "  - { apiVersion: v1, kind: Secret }"],
        "PL_CONFIG plumbline.yaml:4:7: plugin.objects[0].metadata must be a map of keys, not empty",
      ],
      [
        ["source: ./x", "files: { etc/x.conf: text }"],
        "PL_CONFIG plumbline.yaml:3:24: plugin.files.etc/x.conf has no absolute path",
      ],
      [["sauce: ./x"], 'PL_CONFIG plumbline.yaml:2:3: unknown key "sauce" in plugin; did you mean source?'],
      [["source: ./x", "name: a/b"], "PL_CONFIG plumbline.yaml:3:9: plugin.name must be the name of a file"],
      [["role: ipam"], "PL_PLUGIN_SOURCE the key plugin names no binary"],
      [["source: ./x", "role: ipam"], "PL_PLUGIN_NETWORK how the IPAM plugin x is configured is not said"],
      [
        ["source: ./x", "network:", "  plugins:", "    - { type: x }"],
        "PL_CONFIG plumbline.yaml:5:7: plugin.network.plugins lacks the placeholder ${ipam}",
      ],
      [
        ["source: ./x", "network:", "  plugins:", "    - { type: y, ipam: '${ipam}' }"],
        "PL_CONFIG plumbline.yaml:5:7: plugin.network.plugins has no plugin of the type x",
      ],
      [
        ["source: ./x", "network:", "  plugins:", "    - { type: x, master: '${mastr}', ipam: '${ipam}' }"],
        "PL_CONFIG plumbline.yaml:5:28: plugin.network.plugins[0].master has the unknown placeholder ${mastr}; did you mean ${master}?",
      ],
      [
        ["source: ./x", "role: chained", "network:", "  plugins:", "    - { type: x, ipam: '${ipam}' }"],
        "PL_CONFIG plumbline.yaml:6:9: plugin.network.plugins[0] is the first of the list",
      ],
      [
        ["source: ./x", "network:", "  ipam:", "    own: { type: x, range: 10.0.0.0/8 }"],
        "PL_CONFIG plumbline.yaml:5:12: plugin.network.ipam.own lacks the placeholder ${range} or ${address}",
      ],
    ] as const) {
      const yaml = ["plugin:", ...lines.map((line) => `  ${line}`)].join("\n");
      expect(refusal(yaml), yaml).to.contain(message);
    }
  });
});
