import { expect } from "chai";
import { readManifests } from "../images/obtain-module.ts";
import { loadRecipes, recipeOf } from "../images/recipe.ts";
import { run } from "../process/run.ts";
import { KUBE_ROUTER } from "./kube-router.ts";
import { parseManifest } from "./manifest.ts";
import { patchedObjects } from "./manifest-component.ts";
import { moduleManifest } from "./module-component.ts";

const REF = "docker.io/cloudnativelabs/kube-router:v0";

interface PodSpec {
  readonly containers: readonly { readonly image: string; readonly args: readonly string[] }[];
  readonly initContainers?: unknown;
}

describe("kube-router's manifest with our patch", () => {
  it("runs its firewall alone, and writes no network configuration", async () => {
    const { module, version } = recipeOf("module", (await loadRecipes()).modules, "kube-router");
    const { stdout } = await run("go", ["mod", "download", "-json", `${module}@${version}`], { timeoutMs: 100_000 });
    const dir = (JSON.parse(stdout) as { readonly Dir: string }).Dir;
    const manifest = await readManifests(dir, KUBE_ROUTER.manifests);
    const subject = {
      name: "kube-router",
      version,
      origin: "built here",
      source: "",
      digest: "",
      changes: [],
    } as const;
    const image = { name: "kube-router", ref: REF, localRef: REF, id: "sha256:1", subject, contents: [] };
    const source = moduleManifest(KUBE_ROUTER, { patches: ["kube-router"], supply: { image, manifest } });
    const argsOf = (ipFamily: "ipv4" | "dual") => {
      const { objects } = patchedObjects(parseManifest(manifest, source.file), source, { ipFamily });
      const daemonSet = objects.find(({ kind }) => kind === "DaemonSet") as unknown as {
        spec: { template: { spec: PodSpec } };
      };
      const { containers, initContainers } = daemonSet.spec.template.spec;
      expect([containers.map((one) => one.image), initContainers]).to.deep.equal([[REF], undefined]);
      return containers[0]?.args;
    };
    const alone = ["--run-router=false", "--run-firewall=true", "--run-service-proxy=false"];
    expect(argsOf("ipv4")).to.deep.equal(alone);
    expect(argsOf("dual")).to.deep.equal([...alone, "--enable-ipv6=true"]);
  });
});
