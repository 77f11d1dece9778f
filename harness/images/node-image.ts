import { canonicalJson, sha256 } from "../core/json.ts";
import { packageVersion } from "../core/package-root.ts";
import type { Subject } from "../core/subject.ts";
import { inspectImage } from "../docker/docker-image.ts";
import { imageFiles } from "./image-files.ts";
import { filesKey, tagOf } from "./image-key.ts";
import {
  CONTENTS_LABEL,
  IMAGES_LABEL,
  type BaseRecipe,
  type ImageSource,
  type LocalImage,
  type ObtainContext,
  type ObtainedImage,
} from "./image-source.ts";
import { makeNodeLayer } from "./node-container.ts";
import { recipeOf, type ImageRecipe, type Recipes } from "./recipe.ts";
import { binariesDigest, moduleSubject } from "./subjects.ts";
import type { Workshop } from "./workshop.ts";

/** Where each part of the node image comes from. */
export interface NodePlan {
  /** The base and the components. */
  readonly source: ImageSource;
  /** The project's own images, which no upstream registry has. */
  readonly own: ImageSource;
  /** Tags of the three layers, known before anything is made. */
  readonly tags: { readonly base: string; readonly components: string; readonly node: string };
}

/** Works out what the node image will be called, from the keys of all that goes into it. */
export async function planNode(
  sources: Pick<NodePlan, "source" | "own">,
  workshop: Pick<Workshop, "recipes" | "toolchain" | "signal">,
): Promise<NodePlan> {
  const { recipes } = workshop;
  const { components, programs } = recipes.node;
  const { source, own } = sources;
  const base = await source.identity(baseRecipe(recipes));
  const componentsKey = await layerKey(base, { part: components, source }, workshop);
  const nodeKey = await layerKey(componentsKey, { part: programs, source: own }, workshop);
  const tags = { base, components: tagOf("node-components", componentsKey), node: tagOf("node", nodeKey) };
  return { source, own, tags };
}

async function layerKey(
  below: string,
  above: { readonly part: Recipes["node"]["programs"]; readonly source: ImageSource },
  workshop: Pick<Workshop, "recipes" | "toolchain" | "signal">,
): Promise<string> {
  const images = above.part.images.map((name) =>
    above.source.identity(recipeOf("image", workshop.recipes.images, name)),
  );
  const files = await filesKey(above.part.files, workshop);
  return sha256(canonicalJson({ below, part: above.part, files, images: await Promise.all(images), format: 1 }));
}

/** The base of the node as a recipe with a name, like any image's. */
export function baseRecipe(recipes: Recipes): BaseRecipe {
  return { ...recipes.node.base, name: "node-base" };
}

/** Makes the layers of the node image that are not there yet, the lowest first. */
export async function makeNode(plan: NodePlan, workshop: Workshop, context: ObtainContext): Promise<void> {
  const own = obtainAll(workshop.recipes.node.programs.images, plan.own, { workshop, context });
  own.catch(() => undefined);
  const below = await makeComponents(plan, workshop, context);
  const { files } = workshop.recipes.node.programs;
  const [entries, images] = await Promise.all([imageFiles(files, workshop), own]);
  const subject = await programsSubject(workshop);
  await workshop.step("image node", () =>
    makeNodeLayer(
      {
        from: plan.tags.components,
        tag: plan.tags.node,
        files: entries,
        steps: [],
        images,
        labels: labelsOf([...below.contents, subject], [...below.images, ...images]),
      },
      workshop.signal,
    ),
  );
}

interface Below {
  readonly contents: readonly Subject[];
  readonly images: readonly ObtainedImage[];
}

async function makeComponents(plan: NodePlan, workshop: Workshop, context: ObtainContext): Promise<Below> {
  const { recipes } = workshop;
  const { files, images: names, contains } = recipes.node.components;
  const [base, images, entries] = await Promise.all([
    plan.source.obtain(baseRecipe(recipes), context),
    obtainAll(names, plan.source, { workshop, context }),
    imageFiles(files, workshop),
  ]);
  const contents = [...base.contents, ...(await Promise.all(contains.map((name) => subjectOfModule(name, workshop))))];
  const below: Below = { contents, images };
  if (await inspectImage(plan.tags.components, context)) return below;
  await workshop.step("image node-components", () =>
    makeNodeLayer(
      {
        from: base.localRef,
        tag: plan.tags.components,
        files: entries,
        steps: [],
        images,
        labels: labelsOf(contents, images),
      },
      workshop.signal,
    ),
  );
  return below;
}

function obtainAll(
  names: readonly string[],
  source: ImageSource,
  { workshop, context }: { readonly workshop: Workshop; readonly context: ObtainContext },
): Promise<LocalImage[]> {
  const recipes = names.map((name): ImageRecipe => recipeOf("image", workshop.recipes.images, name));
  return Promise.all(recipes.map((recipe) => source.obtain(recipe, context)));
}

function labelsOf(contents: readonly Subject[], images: readonly ObtainedImage[]): Record<string, string> {
  const told = images.map(({ name, ref, id, subject, contents: inside }) => ({
    name,
    ref,
    id,
    subject,
    contents: inside,
  }));
  const all = [...contents, ...images.map((image) => image.subject)];
  return { [CONTENTS_LABEL]: JSON.stringify(all), [IMAGES_LABEL]: JSON.stringify(told) };
}

async function subjectOfModule(name: string, workshop: Workshop): Promise<Subject> {
  const digest = await binariesDigest(await workshop.binaries(name));
  return moduleSubject(recipeOf("module", workshop.recipes.modules, name), { toolchain: workshop.toolchain, digest });
}

async function programsSubject(workshop: Workshop): Promise<Subject> {
  return {
    name: "plumbline-programs",
    version: packageVersion(),
    origin: "own",
    source: "programs/",
    digest: await binariesDigest(await workshop.programs()),
    changes: [`built with ${workshop.toolchain.go} for ${workshop.toolchain.arch}, without cgo`],
  };
}
