import { existsSync } from "node:fs";
import path from "node:path";
import { recipeOf, type FileSource, type GoModuleRecipe, type ImageRecipe, type Recipes } from "./recipe.ts";

const MODULE = "multus";

/** Which Multus is to be built in place of the one that the recipes pin. */
export interface OtherMultus {
  readonly module: string;
  /** As Go knows it. */
  readonly version: string;
  /** What its programs tell. */
  readonly told: string;
  /** Of a checkout. */
  readonly folder?: string;
  /** Its upstream image; undefined if it has none. */
  readonly ref: string | undefined;
}

/** The recipe of Multus' module for another version or another place, with the programs of the pinned one. */
export function multusModule(recipes: Recipes, other: OtherMultus): GoModuleRecipe {
  const pinned = recipeOf("module", recipes.modules, MODULE);
  const here = (text: string): string => text.replaceAll(pinned.module, other.module);
  return {
    ...pinned,
    module: other.module,
    version: other.version,
    ldflags: pinned.ldflags.map((flag) => here(flag).replaceAll(pinned.version, other.told)),
    builds: pinned.builds.map((build) => ({
      ...build,
      packages: Object.fromEntries(Object.entries(build.packages ?? {}).map(([name, main]) => [name, here(main)])),
    })),
    ...(other.folder === undefined ? {} : { folder: other.folder }),
  };
}

/**
 * The recipes with another Multus in place of the pinned one.
 * @param sourceDir its source: programs that this version does not have yet are left out
 */
export function multusRecipes(recipes: Recipes, other: OtherMultus, sourceDir: string): Recipes {
  const module = multusModule(recipes, other);
  const isThere = (main: string): boolean => existsSync(path.join(sourceDir, path.posix.relative(module.module, main)));
  const builds = module.builds.map((build) => ({
    ...build,
    packages: Object.fromEntries(Object.entries(build.packages ?? {}).filter(([, main]) => isThere(main))),
  }));
  const programs = new Set(builds.flatMap((build) => Object.keys(build.packages)));
  const images = new Map(recipes.images);
  for (const image of recipes.images.values()) {
    if (image.module === MODULE) images.set(image.name, imageWith(image, { programs, ref: other.ref }));
  }
  return { ...recipes, modules: new Map(recipes.modules).set(MODULE, { ...module, builds }), images };
}

function imageWith(
  { ref: _pinned, ...image }: ImageRecipe,
  { programs, ref }: { readonly programs: ReadonlySet<string>; readonly ref: string | undefined },
): ImageRecipe {
  const files = image.build.files.map((file): FileSource => {
    if (!("binaries" in file) || !file.only) return file;
    return { ...file, only: file.only.filter((name) => programs.has(name)) };
  });
  return { ...image, build: { ...image.build, files }, ...(ref === undefined ? {} : { ref }) };
}
