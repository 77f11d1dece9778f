import { expect } from "chai";
import { configTemplate } from "./config-template.ts";
import { parseConfig } from "./load-config.ts";
import { configJsonSchema, defaultConfig } from "./schema.ts";

const schema = "./node_modules/plumbline/schemas/plumbline.schema.json";

describe("the template of plumbline.yaml", () => {
  it("names every setting, and is a configuration with each of them taken in", () => {
    const text = configTemplate({ stack: "ptp-thin", profile: "quick", schema });
    const settings = text.replaceAll(/^# (\s*#? ?\w+:( .*)?)$/gm, (_, setting: string) =>
      setting.replace(/^# {2}/, "  "),
    );
    // what stands there for a cluster of the user's needs one
    const config = parseConfig(settings.replace("provider: kind", "provider: existing"), "plumbline.yaml");
    const { properties } = configJsonSchema() as { properties: object };
    for (const key of Object.keys(properties)) expect(settings).to.match(new RegExp(`^${key}:`, "m"));
    expect(config).to.deep.include({ grep: "^RTE", lanes: 1 });
    expect(config.cluster).to.include({
      name: "lab",
      kubeconfig: "./kubeconfig",
      master: "eth1",
      allowDisruptive: false,
    });
    expect(config.cluster.ranges).to.deep.equal(["192.168.100.0/22"]);
    expect(config.images).to.deep.equal({ source: "auto", mirror: "registry.example.com/mirror" });
    expect(config.timeouts).to.deep.equal(defaultConfig.timeouts);
  });

  it("begins with the schema for editors, and keeps its lines short", () => {
    const lines = configTemplate({ stack: "ptp-thin", profile: "quick", schema }).split("\n");
    expect(lines[0]).to.equal(`# yaml-language-server: $schema=${schema}`);
    expect(lines.filter(({ length }) => length > 110)).to.deep.equal([]);
  });
});
