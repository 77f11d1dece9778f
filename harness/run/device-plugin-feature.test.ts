import { expect } from "chai";
import type { KubeObject } from "../kube/client.ts";
import { loadFaults } from "../nodes/fault.ts";
import { loadCaseIndex } from "../plan/case-index.ts";
import { DEVICE_PLUGIN_CONTROL, devicePluginFeature } from "./device-plugin-feature.ts";

const kubeWith = (...names: readonly string[]) => ({
  get: ({ kind, name }: { readonly kind: string; readonly name: string }) =>
    Promise.resolve(
      kind === "DaemonSet" && names.includes(name) ? ({ kind, metadata: { name } } as KubeObject) : undefined,
    ),
});

describe("devicePluginFeature", () => {
  it("is there with the project's own device plugin, and tells what that obeys", async () => {
    expect(await devicePluginFeature(kubeWith("plumbline-simvf"))).to.deep.equal({
      name: "device-plugin-control",
      present: true,
      evidence: "DaemonSet kube-system/plumbline-simvf does as /var/lib/plumbline/simvf/device-plugin.json says",
    });
  });

  it("is absent with upstream's, and where there is none", async () => {
    for (const kube of [kubeWith("kube-sriov-device-plugin"), kubeWith()]) {
      const { present, evidence } = await devicePluginFeature(kube);
      expect(present).to.equal(false);
      expect(evidence).to.contain("there is no DaemonSet kube-system/plumbline-simvf");
    }
  });
});

describe("what needs a device plugin that can be told to misbehave", () => {
  it("is every fault that is planted in the project's own", () => {
    const inOwn = loadFaults().filter((fault) => /plumbline-simvf\b|device-plugin\.json/.test(JSON.stringify(fault)));
    expect(inOwn.map(({ id }) => id)).to.include("a-vf-is-not-advertised");
    for (const { id, needs } of inOwn) expect(needs, id).to.deep.equal([DEVICE_PLUGIN_CONTROL]);
  });

  it("is the case of sick VFs, and no other: the rest runs with upstream's", () => {
    const needy = loadCaseIndex().cases.filter(({ features }) => features.includes(DEVICE_PLUGIN_CONTROL));
    expect(needy.map(({ id }) => id)).to.deep.equal(["SRV-034"]);
  });
});
