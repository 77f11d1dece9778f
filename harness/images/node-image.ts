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
import { makeNodeLayer, NODE_LAYER_FORMAT } from "./node-container.ts";
import { changesOf, recipeOf, type ImageRecipe, type Recipes } from "./recipe.ts";
import { binariesDigest, moduleSubject, parseImages, parseSubjects } from "./subjects.ts";
import type { Workshop } from "./workshop.ts";

/** Where each part of the node image comes from. */
export interface NodePlan {
  /** The base, and what upstream publishes. */
  readonly source: ImageSource;
  /** The project's own images, which no upstream registry has. */
  readonly own: ImageSource;
  /** Tags of the three layers, known before anything is made. */
  readonly tags: { readonly base: string; readonly components: string; readonly node: string };
}

type Sources = Pick<NodePlan, "source" | "own">;

function sourceOf(recipe: ImageRecipe, { source, own }: Sources): ImageSource {
  return recipe.ref === undefined ? own : source;
}

/** Works out what the node image will be called, from the keys of all that goes into it. */
export async function planNode(
  sources: Sources,
  workshop: Pick<Workshop, "recipes" | "toolchain" | "signal">,
): Promise<NodePlan> {
  const { recipes } = workshop;
  const { components, programs } = recipes.node;
  const base = await sources.source.identity(baseRecipe(recipes));
  const told = changesOf(components.contains, recipes);
  const componentsKey = await layerKey(sha256(canonicalJson({ base, told })), { part: components, sources }, workshop);
  const nodeKey = await layerKey(componentsKey, { part: programs, sources }, workshop);
  const tags = { base, components: tagOf("node-components", componentsKey), node: tagOf("node", nodeKey) };
  return { ...sources, tags };
}

async function layerKey(
  below: string,
  above: { readonly part: Recipes["node"]["programs"]; readonly sources: Sources },
  workshop: Pick<Workshop, "recipes" | "toolchain" | "signal">,
): Promise<string> {
  const recipes = above.part.images.map((name) => recipeOf("image", workshop.recipes.images, name));
  const images = recipes.map((recipe) => sourceOf(recipe, above.sources).identity(recipe));
  const files = await filesKey(above.part.files, workshop);
  return sha256(
    canonicalJson({ below, part: above.part, files, images: await Promise.all(images), format: NODE_LAYER_FORMAT }),
  );
}

/** The base of the node as a recipe with a name, like any image's. */
export function baseRecipe(recipes: Recipes): BaseRecipe {
  return { ...recipes.node.base, name: "node-base" };
}

/** Makes the layers of the node image that are not there yet, the lowest first. */
export async function makeNode(plan: NodePlan, workshop: Workshop, context: ObtainContext): Promise<void> {
  const own = obtainAll(workshop.recipes.node.programs.images, plan, { workshop, context });
  own.catch(() => undefined);
  const below = await makeComponents(plan, workshop, context);
  const [files, images] = await Promise.all([imageFiles(workshop.recipes.node.programs.files, workshop), own]);
  const labels = labelsOf({
    contents: [...below.contents, await programsSubject(workshop), ...images.map((image) => image.subject)],
    images: [...below.images, ...images],
  });
  const layer = { from: plan.tags.components, tag: plan.tags.node, files, steps: [], images, labels };
  await workshop.step("image node", () => makeNodeLayer(layer, workshop.signal));
}

/** What is in the layers below, images and their subjects included. */
interface Below {
  readonly contents: readonly Subject[];
  readonly images: readonly ObtainedImage[];
}

async function makeComponents(plan: NodePlan, workshop: Workshop, context: ObtainContext): Promise<Below> {
  const present = await inspectImage(plan.tags.components, context);
  if (present) {
    const contents = parseSubjects(present.labels[CONTENTS_LABEL]) ?? [];
    return { contents, images: parseImages(present.labels[IMAGES_LABEL]) ?? [] };
  }
  const { recipes } = workshop;
  const { files, images: names, contains } = recipes.node.components;
  const [base, images, entries] = await Promise.all([
    plan.source.obtain(baseRecipe(recipes), context),
    obtainAll(names, plan, { workshop, context }),
    imageFiles(files, workshop),
  ]);
  const modules = await Promise.all(contains.map((name) => subjectOfModule(name, workshop)));
  const contents = [...base.contents, ...modules, ...images.map((image) => image.subject)];
  const labels = labelsOf({ contents, images });
  const layer = { from: base.localRef, tag: plan.tags.components, files: entries, steps: [], images, labels };
  await workshop.step("image node-components", () => makeNodeLayer(layer, workshop.signal));
  return { contents, images };
}

function obtainAll(
  names: readonly string[],
  sources: Sources,
  { workshop, context }: { readonly workshop: Workshop; readonly context: ObtainContext },
): Promise<LocalImage[]> {
  const recipes = names.map((name): ImageRecipe => recipeOf("image", workshop.recipes.images, name));
  return Promise.all(recipes.map((recipe) => sourceOf(recipe, sources).obtain(recipe, context)));
}

function labelsOf({ contents, images }: Below): Record<string, string> {
  // what Docker calls an image on this host is nobody else's business
  const told = images.map(({ name, ref, id, subject, contents: inside }) => ({
    name,
    ref,
    id,
    subject,
    contents: inside,
  }));
  return { [CONTENTS_LABEL]: JSON.stringify(contents), [IMAGES_LABEL]: JSON.stringify(told) };
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
