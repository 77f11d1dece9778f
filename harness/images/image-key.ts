import { canonicalJson, sha256 } from "../core/json.ts";
import { rootPlan } from "./debian-root.ts";
import { buildKey, outputsOf } from "./go-build.ts";
import { bundleKey } from "./own-bundles.ts";
import { programNames, programsKey } from "./own-programs.ts";
import { recipeOf, type FileSource, type Recipes } from "./recipe.ts";
import type { Toolchain } from "./toolchain.ts";

/** What keys are made of, besides the recipes themselves. */
export interface KeyContext {
  readonly recipes: Recipes;
  readonly toolchain: Toolchain;
  readonly signal?: AbortSignal | undefined;
}

/** Key of a part of an image: the recipe of its files, and the keys of what they are taken from. */
export async function filesKey(files: readonly FileSource[], context: KeyContext): Promise<string> {
  const keys = await Promise.all(files.map((file) => fileKeys(file, context)));
  return sha256(canonicalJson({ files, keys }));
}

/** Key of an image that is built: its files, its root file system, and whatever else its recipe says. */
export async function builtImageKey(
  build: { readonly root?: string | undefined; readonly files: readonly FileSource[] },
  context: KeyContext,
): Promise<string> {
  const root = build.root === undefined ? undefined : recipeOf("root", context.recipes.roots, build.root);
  return sha256(
    canonicalJson({
      build,
      root: root && (await rootPlan(root)).key,
      files: await filesKey(build.files, context),
      format: 3,
    }),
  );
}

/** `plumbline/NAME:KEY12` */
export function tagOf(name: string, key: string): string {
  return `plumbline/${name}:${key.slice(0, 12)}`;
}

async function fileKeys(file: FileSource, { recipes, toolchain, signal }: KeyContext): Promise<readonly string[]> {
  if ("binaries" in file) {
    const recipe = recipeOf("module", recipes.modules, file.binaries);
    const wanted = recipe.builds.filter((b) => !file.only || outputsOf(b).some((o) => file.only?.includes(o)));
    return wanted.map((build) => buildKey(recipe, build, toolchain));
  }
  if ("programs" in file) return [await programsKey(programNames(recipes), { toolchain, signal })];
  if ("bundle" in file) return [await bundleKey(file.bundle)];
  if ("source" in file) {
    const recipe = recipeOf("module", recipes.modules, file.source);
    return [`${recipe.module}@${recipe.version}`];
  }
  return [];
}
