import { readFile } from "node:fs/promises";
import path from "node:path";
import { inPhase, type Progress } from "../core/ports.ts";
import { requireDocker } from "../docker/require-docker.ts";
import { fetchModule } from "./go-build.ts";
import type { LocalImage } from "./image-source.ts";
import { obtainImage, type ObtainImageCall } from "./obtain-image.ts";
import { loadRecipes, recipeOf } from "./recipe.ts";
import { readToolchain } from "./toolchain.ts";

/** What the node image does not have: only clusters whose stack names it pay for it. */
export interface ModuleSupply {
  readonly image: LocalImage;
  /** Its own manifests, unchanged, one after the other. */
  readonly manifest: string;
}

/** What is got from the Go module of a project that publishes its manifests there. */
export interface ModuleContents {
  /** Of the module and of the image in fixtures/images. */
  readonly name: string;
  /** As the progress shows it. */
  readonly title: string;
  /** In the module's source, in the order in which they are applied. */
  readonly manifests: readonly string[];
}

/**
 * Gets what is pinned of a module: its image as `ensureImages` gets others, its manifests out of its source.
 * @throws PlumblineError PL_GO_MODULE, and those of `ensureImages`
 */
export async function obtainModule(
  { name, title, manifests }: ModuleContents,
  options: {
    readonly images: ObtainImageCall["images"];
    readonly progress: Progress;
    readonly signal: AbortSignal;
  },
): Promise<ModuleSupply> {
  const { images, progress, signal } = options;
  return inPhase(progress, title, async (phase) => {
    const [recipes, toolchain, { arch }] = await Promise.all([
      loadRecipes(),
      readToolchain(signal),
      requireDocker(signal),
    ]);
    const { dir } = await fetchModule(recipeOf("module", recipes.modules, name), { toolchain, signal });
    const recipe = recipeOf("image", recipes.images, name);
    const [image, manifest] = await Promise.all([
      obtainImage(recipe, recipes, { images, toolchain, arch, phase, signal }),
      readManifests(dir, manifests),
    ]);
    return { image, manifest };
  });
}

/** @param moduleDir the source of a module @param files relative to it */
export async function readManifests(moduleDir: string, files: readonly string[]): Promise<string> {
  const texts = await Promise.all(files.map((file) => readFile(path.join(moduleDir, file), "utf8")));
  return texts.join("\n---\n");
}
