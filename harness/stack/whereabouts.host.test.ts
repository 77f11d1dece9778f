import { expect } from "chai";
import { patchedModule } from "./module-manifest.test-support.ts";
import { WHEREABOUTS } from "./whereabouts.ts";

const REF = "ghcr.io/k8snetworkplumbingwg/whereabouts:dev";

describe("whereabouts' manifests with our patches", () => {
  it("have its kinds before its DaemonSet, which runs the image that was got", async () => {
    const patched = await patchedModule(WHEREABOUTS, { patches: ["whereabouts-image"], ref: REF });
    const { objects, changes } = patched("ipv4");
    expect(objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).to.deep.equal([
      "CustomResourceDefinition ippools.whereabouts.cni.cncf.io",
      "CustomResourceDefinition overlappingrangeipreservations.whereabouts.cni.cncf.io",
      "ServiceAccount whereabouts",
      "ClusterRoleBinding whereabouts",
      "ClusterRole whereabouts-cni",
      "ConfigMap whereabouts-config",
      "DaemonSet whereabouts",
    ]);
    const spec = objects.at(-1)?.spec as { template: { spec: { containers: readonly Record<string, unknown>[] } } };
    expect(spec.template.spec.containers[0]).to.include({ image: REF, imagePullPolicy: "IfNotPresent" });
    expect(changes[0]).to.match(/^image dev in place of latest/);
  });
});
