import { expect } from "chai";
import type { KubeObject } from "../kube/client.ts";
import type { NodeTransport } from "../nodes/transport.ts";
import { whereaboutsFeature } from "./whereabouts-feature.ts";

const crd: KubeObject = { apiVersion: "v1", kind: "CustomResourceDefinition", metadata: { name: "c" } };
const kubeWith = (found: KubeObject | undefined) => ({ get: () => Promise.resolve(found) });

const nodeThatSays = (node: string, exitCode: number, stdout: string): NodeTransport =>
  ({ node, exec: () => Promise.resolve({ exitCode, stdout, stderr: "", durationMs: 1 }) }) as unknown as NodeTransport;

describe("whereaboutsFeature", () => {
  const good = nodeThatSays("a", 0, "CNI plugin whereabouts v0.9.2 linux/amd64\n");

  it("is there with pools in the API and a plugin on each node, and says which", async () => {
    const feature = await whereaboutsFeature(kubeWith(crd), [good]);
    expect(feature).to.include({ name: "whereabouts", present: true });
    expect(feature.evidence).to.contain("a: CNI plugin whereabouts v0.9.2");
  });

  it("is not where the API knows no pools, and no node is asked then", async () => {
    const feature = await whereaboutsFeature(kubeWith(undefined), []);
    expect(feature).to.include({ present: false });
    expect(feature.evidence).to.contain("the API has no ippools.whereabouts.cni.cncf.io");
  });

  it("is not where one node lacks it", async () => {
    const bad = nodeThatSays("b", 1, "there is no /opt/cni/bin/whereabouts\n");
    const feature = await whereaboutsFeature(kubeWith(crd), [good, bad]);
    expect(feature).to.include({ present: false, evidence: "b: there is no /opt/cni/bin/whereabouts" });
  });
});
