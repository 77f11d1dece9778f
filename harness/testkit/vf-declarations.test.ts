import { expect } from "chai";
import { network, RESOURCE_NAME, type LiveNetwork } from "./declare-network.ts";
import { definitionAnnotations } from "./definition-annotations.ts";
import { pod } from "./declare-pod.ts";
import { needsOf } from "./needs.ts";
import { podManifest } from "./pod-manifest.ts";

const annotationsOf = (declaration: LiveNetwork["declaration"]) =>
  definitionAnnotations({ declaration } as unknown as LiveNetwork);

describe("networks and pods of VFs", () => {
  it("have the pool of the template on the definition, or the one that is named", () => {
    expect(annotationsOf(network("a", { type: "plumbline-sriov", ipam: "static" }))).to.deep.equal({
      [RESOURCE_NAME]: "plumbline.dev/simvf_a",
    });
    const other = network("b", { type: "host-device-vf", ipam: "static", resource: "x/y", annotations: { note: "1" } });
    expect(annotationsOf(other)).to.deep.equal({ [RESOURCE_NAME]: "x/y", note: "1" });
    expect(annotationsOf(network("c", { type: "bridge", ipam: "static" }))).to.deep.equal({});
  });

  it("need the level of their plugin", () => {
    const s0 = network("a", { type: "host-device-vf", ipam: "static" });
    const s1 = network("b", { type: "plumbline-sriov", ipam: "static" });
    expect(needsOf({ pods: { p: pod("p", [s0]) }, networks: { s1 } })).to.deep.equal([
      "kernel-veth",
      "sriov-s0",
      "sriov-s1",
    ]);
  });

  it("ask for devices by limits, beside the little that every pod requests", () => {
    const place = { runId: "r", namespace: "n", name: "p", node: "w", image: "i", annotations: {} };
    const resourcesOf = (resources: Record<string, number>): unknown => {
      const { spec } = podManifest({ ...place, resources });
      return (spec as { containers: readonly { resources: unknown }[] }).containers[0]?.resources;
    };
    const requests = { cpu: "1m", memory: "8Mi" };
    expect(resourcesOf({ "plumbline.dev/simvf_a": 2 })).to.deep.equal({
      requests,
      limits: { "plumbline.dev/simvf_a": "2" },
    });
    expect(resourcesOf({})).to.deep.equal({ requests });
  });
});
