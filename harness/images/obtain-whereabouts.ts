import { readFile } from "node:fs/promises";
import path from "node:path";
import { inPhase, type Progress } from "../core/ports.ts";
import { requireDocker } from "../docker/require-docker.ts";
import { fetchModule } from "./go-build.ts";
import type { LocalImage } from "./image-source.ts";
import { obtainImage, type ObtainImageCall } from "./obtain-image.ts";
import { loadRecipes, recipeOf } from "./recipe.ts";
import { readToolchain } from "./toolchain.ts";

/** Whereabouts, which the node image does not have: only clusters whose stack names it pay for it. */
export interface WhereaboutsSupply {
  readonly image: LocalImage;
  /** Its own manifests, unchanged, one after the other. */
  readonly manifest: string;
}

/** Upstream's manifests in doc/crds, in the order in which they are applied. @source whereabouts README, Installation */
export const WHEREABOUTS_MANIFESTS = [
  "whereabouts.cni.cncf.io_ippools.yaml",
  "whereabouts.cni.cncf.io_overlappingrangeipreservations.yaml",
  "daemonset-install.yaml",
] as const;

/**
 * Gets the pinned whereabouts: its image as `ensureImages` gets others, its manifests out of its Go module.
 * @throws PlumblineError PL_GO_MODULE, and those of `ensureImages`
 */
export async function obtainWhereabouts(options: {
  readonly images: ObtainImageCall["images"];
  readonly progress: Progress;
  readonly signal: AbortSignal;
}): Promise<WhereaboutsSupply> {
  const { images, progress, signal } = options;
  return inPhase(progress, "Whereabouts", async (phase) => {
    const [recipes, toolchain, { arch }] = await Promise.all([
      loadRecipes(),
      readToolchain(signal),
      requireDocker(signal),
    ]);
    const { dir } = await fetchModule(recipeOf("module", recipes.modules, "whereabouts"), { toolchain, signal });
    const recipe = recipeOf("image", recipes.images, "whereabouts");
    const [image, manifest] = await Promise.all([
      obtainImage(recipe, recipes, { images, toolchain, arch, phase, signal }),
      readWhereaboutsManifest(dir),
    ]);
    return { image, manifest };
  });
}

/** @param moduleDir the source of whereabouts' module */
export async function readWhereaboutsManifest(moduleDir: string): Promise<string> {
  const files = WHEREABOUTS_MANIFESTS.map((file) => path.join(moduleDir, "doc", "crds", file));
  const texts = await Promise.all(files.map((file) => readFile(file, "utf8")));
  return texts.join("\n---\n");
}
