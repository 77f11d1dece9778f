import { expect } from "chai";
import { multusSettingsSchema } from "../config/multus-settings.ts";
import { givenNetworks, settingsPatches } from "./multus-settings.ts";

const settings = multusSettingsSchema.parse({
  connectionLimit: 2,
  defaultNetworks: [
    { name: "storage", config: { type: "macvlan", master: "eth0" } },
    { name: "logs", config: { cniVersion: "0.4.0", plugins: [{ type: "bridge" }, { type: "tuning" }] } },
  ],
});

describe("networks that Multus gives every pod", () => {
  it("stand in its configuration by their names", () => {
    const operations = settingsPatches(settings, "thick").flatMap((patch) => patch.operations);
    expect(operations).to.deep.equal([
      { op: "add", path: "/connectionLimit", value: 2 },
      { op: "add", path: "/defaultNetworks", value: ["storage", "logs"] },
    ]);
  });

  it("have a definition where it looks for them, which is told from those of others", () => {
    const definitions = givenNetworks(settings);
    expect(definitions.map(({ metadata }) => [metadata.namespace, metadata.name, metadata.labels])).to.deep.equal([
      ["kube-system", "storage", { "plumbline.dev/given": "true" }],
      ["kube-system", "logs", { "plumbline.dev/given": "true" }],
    ]);
    expect(definitions.map((one) => (one["spec"] as { config: string }).config)).to.deep.equal([
      `{"cniVersion":"1.0.0","name":"storage","type":"macvlan","master":"eth0"}`,
      `{"cniVersion":"0.4.0","name":"logs","plugins":[{"type":"bridge"},{"type":"tuning"}]}`,
    ]);
    expect(givenNetworks({})).to.deep.equal([]);
  });

  it("are refused in thin mode, without a plugin, and under a name that no object can have", () => {
    expect(() => settingsPatches(settings, "thin")).to.throw("Multus in thin mode has no setting connectionLimit");
    const refused = (network: object): boolean =>
      !multusSettingsSchema.safeParse({ defaultNetworks: [network] }).success;
    expect(refused({ name: "storage", config: {} }), "no plugin").to.equal(true);
    expect(refused({ name: "storage", config: { type: "a", plugins: [{ type: "b" }] } }), "both").to.equal(true);
    expect(refused({ name: "Storage_1", config: { type: "a" } }), "name").to.equal(true);
    expect(refused({ name: "storage", config: { type: "a" } })).to.equal(false);
  });
});
