import { harnessError, messageOf, usageError } from "../core/errors.ts";
import { fetchModule, type BuildCall } from "./go-build.ts";
import { recipeOf, type FileSource, type GoModuleRecipe, type ImageRecipe, type Recipes } from "./recipe.ts";

const MODULE = "kubernetes";
/** Images that kubeadm names by tags of its own release: what is built here has one of each. */
const BESIDE = { etcd: "etcd", corednsdeployment: "coredns" } as const;
/** Where kubeadm looks for changes of what it writes; harness/cluster/kind-config.ts points there. */
const PATCHES = "/opt/plumbline/kubeadm";

/**
 * The recipes with another release of Kubernetes in place of the pinned one: kubelet, kubeadm, kubectl, the control plane
 * and kube-proxy. etcd and CoreDNS stay the pinned ones, and kubeadm is told so.
 * @param version as Go knows it, e.g. `v1.33.13`
 */
export function kubernetesRecipes(recipes: Recipes, version: string): Recipes {
  const pinned = recipeOf("module", recipes.modules, MODULE);
  if (version === pinned.version) return recipes;
  const here = (text: string): string => text.replaceAll(pinned.version, version);
  const { base, ...node } = recipes.node;
  const beside = Object.values(BESIDE).map((name) => recipeOf("module", recipes.modules, name));
  const files = base.build.files.map((file): FileSource =>
    "text" in file ? { ...file, text: here(file.text) } : file,
  );
  return {
    ...recipes,
    modules: new Map(recipes.modules).set(MODULE, moduleOf(pinned, version)),
    images: new Map([...recipes.images].map(([name, image]) => [name, imageOf(image, here)])),
    node: {
      ...node,
      base: {
        ...base,
        ref: here(base.ref),
        changes: [
          ...base.changes,
          ...beside.map((one) => `${one.name} ${one.version} in place of the one that kubeadm names`),
        ],
        build: { ...base.build, files: [...files, ...patches(recipes)] },
      },
    },
  };
}

const minorOf = (version: string): string => /^v1\.(\d+)\./.exec(version)?.[1] ?? "";

function moduleOf(pinned: GoModuleRecipe, version: string): GoModuleRecipe {
  return {
    ...pinned,
    version,
    // its libraries are released with it, as v0
    ...(pinned.folderReplacements === undefined ? {} : { folderReplacements: version.replace(/^v1/, "v0") }),
    ldflags: pinned.ldflags.map((flag) =>
      flag.replaceAll(pinned.version, version).replace(`Minor=${minorOf(pinned.version)}`, `Minor=${minorOf(version)}`),
    ),
  };
}

function imageOf(image: ImageRecipe, here: (text: string) => string): ImageRecipe {
  if (image.module !== MODULE || image.ref === undefined) return image;
  return { ...image, ref: here(image.ref) };
}

/** Each target of kubeadm's may have several files, read in the order of their names. @source kubeadm patches.go */
function patches({ images }: Recipes): readonly FileSource[] {
  return Object.entries(BESIDE).map(([target, name]) => {
    const { ref } = recipeOf("image", images, name);
    if (ref === undefined) throw harnessError("PL_RECIPE", `fixtures/images gives the image ${name} no ref`);
    const containers = [{ name, image: ref }];
    const spec = target === "etcd" ? { containers } : { template: { spec: { containers } } };
    return { to: `${PATCHES}/${target}1+strategic.yaml`, text: JSON.stringify({ spec }) };
  });
}

/** @throws PlumblineError PL_KUBERNETES_VERSION (usage) if there is no such release */
export async function requireRelease(recipes: Recipes, call: BuildCall): Promise<void> {
  const module = recipeOf("module", recipes.modules, MODULE);
  try {
    await fetchModule(module, call);
  } catch (cause) {
    call.signal?.throwIfAborted();
    throw usageError(
      "PL_KUBERNETES_VERSION",
      `there is no Kubernetes ${module.version} to build: ${messageOf(cause)}`,
      {
        hint: "`go list -m -versions k8s.io/kubernetes` tells the releases that the module proxy has",
        context: { setting: "kubernetes", value: module.version },
        cause,
      },
    );
  }
}
