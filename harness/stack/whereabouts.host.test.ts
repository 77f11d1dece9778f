import { expect } from "chai";
import { readManifests } from "../images/obtain-module.ts";
import { loadRecipes, recipeOf } from "../images/recipe.ts";
import { run } from "../process/run.ts";
import { parseManifest } from "./manifest.ts";
import { patchedObjects } from "./manifest-component.ts";
import { moduleManifest } from "./module-component.ts";
import { WHEREABOUTS } from "./whereabouts.ts";

const REF = "ghcr.io/k8snetworkplumbingwg/whereabouts:dev";

describe("whereabouts' manifests with our patches", () => {
  it("have its kinds before its DaemonSet, which runs the image that was got", async () => {
    const { module, version } = recipeOf("module", (await loadRecipes()).modules, "whereabouts");
    const { stdout } = await run("go", ["mod", "download", "-json", `${module}@${version}`], { timeoutMs: 100_000 });
    const manifest = await readManifests((JSON.parse(stdout) as { readonly Dir: string }).Dir, WHEREABOUTS.manifests);
    const subject = {
      name: "whereabouts",
      version,
      origin: "built here",
      source: "",
      digest: "",
      changes: [],
    } as const;
    const image = { name: "whereabouts", ref: REF, localRef: REF, id: "sha256:1", subject, contents: [] };
    const source = moduleManifest(WHEREABOUTS, { patches: ["whereabouts-image"], supply: { image, manifest } });
    const read = parseManifest(manifest, source.file);
    const { objects, changes } = patchedObjects(read, source, { ipFamily: "ipv4" });
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
