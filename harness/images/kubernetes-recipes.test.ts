import { expect } from "chai";
import { kubernetesRecipes } from "./kubernetes-recipes.ts";
import { loadRecipes, recipeOf, type Recipes } from "./recipe.ts";

const textsOf = ({ node }: Recipes): readonly (readonly [to: string, text: string])[] =>
  node.base.build.files.flatMap((file) => ("text" in file ? [[file.to, file.text] as const] : []));

describe("another release of Kubernetes", () => {
  it("is built, told and called by that version, and by no other", async () => {
    const pinned = await loadRecipes();
    const changed = kubernetesRecipes(pinned, "v1.33.13");
    const module = recipeOf("module", changed.modules, "kubernetes");
    expect(module).to.include({ version: "v1.33.13", folderReplacements: "v0.33.13" });
    expect(module.ldflags.filter((flag) => flag.includes("Minor=")).map((flag) => flag.split("=")[1])).to.deep.equal([
      "33",
      "33",
    ]);
    expect(module.ldflags.join(" ")).not.to.include(recipeOf("module", pinned.modules, "kubernetes").version);
    const refs = [...changed.images.values()].filter((image) => image.module === "kubernetes").map(({ ref }) => ref);
    expect(refs).to.have.members([
      "registry.k8s.io/kube-apiserver:v1.33.13",
      "registry.k8s.io/kube-controller-manager:v1.33.13",
      "registry.k8s.io/kube-scheduler:v1.33.13",
      "registry.k8s.io/kube-proxy:v1.33.13",
      "registry.k8s.io/pause:3.10",
    ]);
    expect(changed.node.base.ref).to.equal("docker.io/kindest/node:v1.33.13");
    expect(Object.fromEntries(textsOf(changed))).to.include({ "/kind/version": "v1.33.13" });
  });

  it("has kubeadm start the etcd and the CoreDNS that lie in the node image", async () => {
    const pinned = await loadRecipes();
    const texts = Object.fromEntries(textsOf(kubernetesRecipes(pinned, "v1.33.13")));
    const image = (name: string) => recipeOf("image", pinned.images, name).ref;
    expect(JSON.parse(texts["/opt/plumbline/kubeadm/etcd1+strategic.yaml"] ?? "")).to.deep.equal({
      spec: { containers: [{ name: "etcd", image: image("etcd") }] },
    });
    expect(JSON.parse(texts["/opt/plumbline/kubeadm/corednsdeployment1+strategic.yaml"] ?? "")).to.deep.equal({
      spec: { template: { spec: { containers: [{ name: "coredns", image: image("coredns") }] } } },
    });
  });

  it("changes nothing where it is the pinned one", async () => {
    const pinned = await loadRecipes();
    expect(kubernetesRecipes(pinned, recipeOf("module", pinned.modules, "kubernetes").version)).to.equal(pinned);
  });
});
