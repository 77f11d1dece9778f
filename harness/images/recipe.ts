import { readFile } from "node:fs/promises";
import { z } from "zod";
import { harnessError } from "../core/errors.ts";
import { packageFile } from "../core/package-root.ts";
import { parseFixture } from "../core/read-fixture.ts";

/** Programs in TypeScript that run in a pod: each a folder of the package with a main file. */
export const BUNDLES = ["device-plugin"] as const;
export type BundleName = (typeof BUNDLES)[number];

const names = z.array(z.string().min(1));

const goBuild = z.strictObject({
  name: z.string(),
  /** File name of the program -> Go package. */
  packages: z.record(z.string(), z.string()).optional(),
  /** File name of the program -> a main package of our own, for what a module leaves to be put together. */
  mains: z.record(z.string(), z.strictObject({ run: z.string(), imports: names })).optional(),
  /** File name of the program -> C file in the module's source, for what is not Go. */
  c: z.record(z.string(), z.string()).optional(),
  flags: names.default([]),
});

const goModule = z.strictObject({
  module: z.string(),
  version: z.string().regex(/^v\d/),
  folderReplacements: z.string().optional(),
  raise: z.record(z.string(), z.string()).default({}),
  cgo: z.boolean().default(false),
  /** Versions of this module, other than the pinned one, that are built with another Go than this host's. */
  go: z.record(z.string(), z.string().regex(/^go\d+\.\d+\.\d+$/)).optional(),
  ldflags: names.default([]),
  on: z.enum(["node", "stack", "host"]).default("node"),
  /** What its programs lack or have that upstream's do not, for the record. */
  changes: names.default([]),
  builds: z.array(goBuild).min(1),
});

const root = z.strictObject({ packages: names.min(1) });

const fileSource = z.union([
  z.strictObject({ binaries: z.string(), only: names.optional(), to: z.string() }),
  z.strictObject({ programs: names, to: z.string() }),
  z.strictObject({ bundle: z.enum(BUNDLES), to: z.string() }),
  z.strictObject({
    source: z.string(),
    path: z.string(),
    to: z.string(),
    /** Folders of `path` whose files can be run; `true` for a file. */
    executable: z.union([names, z.literal(true)]).default([]),
  }),
  z.strictObject({ text: z.string(), to: z.string() }),
  /** A symbolic link. */
  z.strictObject({ link: z.string(), to: z.string() }),
]);

const imageBuild = z.strictObject({
  root: z.string().optional(),
  files: z.array(fileSource),
  entrypoint: names.default([]),
  user: z.string().optional(),
});

const image = z.strictObject({
  ref: z.string().optional(),
  module: z.string().optional(),
  changes: names.default([]),
  build: imageBuild,
});

const node = z.strictObject({
  base: z.strictObject({
    ref: z.string(),
    module: z.string(),
    contains: names,
    changes: names,
    build: z.strictObject({
      root: z.string(),
      files: z.array(fileSource),
      steps: names,
      images: names,
      env: names,
      stopSignal: z.string(),
    }),
  }),
  components: z.strictObject({ files: z.array(fileSource), contains: names, images: names }),
  programs: z.strictObject({ files: z.array(fileSource), images: names }),
});

export type GoModuleRecipe = z.infer<typeof goModule> & {
  readonly name: string;
  /** A checkout that takes the place of the published module; its version then tells the content. */
  readonly folder?: string;
};
export type GoBuild = z.infer<typeof goBuild>;
export type RootRecipe = z.infer<typeof root> & { readonly name: string };
export type FileSource = z.infer<typeof fileSource>;
export type ImageRecipe = z.infer<typeof image> & { readonly name: string };
export type NodeRecipe = z.infer<typeof node>;

/** All that is known of what can be built or pulled; data, from fixtures/images. */
export interface Recipes {
  readonly modules: ReadonlyMap<string, GoModuleRecipe>;
  readonly roots: ReadonlyMap<string, RootRecipe>;
  readonly images: ReadonlyMap<string, ImageRecipe>;
  readonly node: NodeRecipe;
}

/** @throws PlumblineError PL_RECIPE if a recipe is not well formed or names something that there is not */
export async function loadRecipes(folder: string = packageFile("fixtures", "images")): Promise<Recipes> {
  const [modules, roots, images, nodeRecipe] = await Promise.all([
    read(folder, "modules.yaml", z.record(z.string(), goModule)),
    read(folder, "roots.yaml", z.record(z.string(), root)),
    read(folder, "images.yaml", z.record(z.string(), image)),
    read(folder, "node.yaml", node),
  ]);
  const recipes: Recipes = {
    modules: named(modules),
    roots: named(roots),
    images: named(images),
    node: nodeRecipe,
  };
  checkNames(recipes);
  return recipes;
}

/** What a recipe names is there, or the package is broken: a programmer's mistake that a test would find too. */
export function recipeOf<T>(kind: string, all: ReadonlyMap<string, T>, name: string): T {
  const found = all.get(name);
  if (found !== undefined) return found;
  throw harnessError("PL_RECIPE", `fixtures/images names the ${kind} ${name}, which it does not describe`);
}

/** What the record tells of modules beside their versions, for keys of what it is written into. */
export function changesOf(modules: readonly string[], { modules: all }: Recipes): readonly (readonly string[])[] {
  return modules.map((name) => recipeOf("module", all, name).changes);
}

async function read<T>(folder: string, file: string, schema: z.ZodType<T>): Promise<T> {
  const result = schema.safeParse(parseFixture(await readFile(`${folder}/${file}`, "utf8"), `fixtures/images/${file}`));
  if (result.success) return result.data;
  throw harnessError("PL_RECIPE", `fixtures/images/${file} is not well formed: ${z.prettifyError(result.error)}`);
}

function named<T extends object>(all: Readonly<Record<string, T>>): Map<string, T & { readonly name: string }> {
  return new Map(Object.entries(all).map(([name, value]) => [name, { ...value, name }]));
}

function checkNames(recipes: Recipes): void {
  const { base, components, programs } = recipes.node;
  const builds = [...recipes.images.values()].map((i) => i.build);
  const files = [base.build, components, programs, ...builds].flatMap((part) => part.files);
  for (const file of files) {
    if ("binaries" in file) recipeOf("module", recipes.modules, file.binaries);
    if ("source" in file) recipeOf("module", recipes.modules, file.source);
  }
  for (const name of [...base.build.images, ...components.images, ...programs.images]) {
    recipeOf("image", recipes.images, name);
  }
  for (const name of [base.build.root, ...builds.flatMap((b) => b.root ?? [])]) recipeOf("root", recipes.roots, name);
  for (const name of [base.module, ...base.contains, ...components.contains]) {
    recipeOf("module", recipes.modules, name);
  }
}
