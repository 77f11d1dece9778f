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
    // what is for a cluster of the user's own is refused for one of kind
    const forOwn = settings
      .replace("provider: kind", "provider: existing")
      .replace("ranges: []", "ranges: [192.0.0.0/22]");
    const config = parseConfig(forOwn, "plumbline.yaml");
    const { properties } = configJsonSchema() as { properties: object };
    for (const key of Object.keys(properties)) expect(settings).to.match(new RegExp(`^${key}:`, "m"));
    expect(config).to.deep.include({ grep: "^RTE", lanes: 1 });
    expect(config.cluster).to.include({
      provider: "existing",
      name: "lab",
      kubeconfig: "./kubeconfig",
      master: "eth1",
    });
    expect(config.images).to.deep.equal({ source: "auto", mirror: "registry.example.com/mirror" });
    expect(config.timeouts).to.deep.equal(defaultConfig.timeouts);
  });

  it("begins with the schema for editors, and keeps its lines short", () => {
    const lines = configTemplate({ stack: "ptp-thin", profile: "quick", schema }).split("\n");
    expect(lines[0]).to.equal(`# yaml-language-server: $schema=${schema}`);
    expect(lines.filter(({ length }) => length > 110)).to.deep.equal([]);
  });
});
