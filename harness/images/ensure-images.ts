import { setMaxListeners } from "node:events";
import { harnessError } from "../core/errors.ts";
import { inPhase, type Phase, type Progress } from "../core/ports.ts";
import type { Subject } from "../core/subject.ts";
import { inspectImage } from "../docker/docker-image.ts";
import { requireDocker } from "../docker/require-docker.ts";
import { requirePrivileged } from "../host/privileged.ts";
import { BuildSource } from "./build-source.ts";
import { candidatesOf, chooseSource, type SourceChoice } from "./choose-source.ts";
import { Durations } from "./durations.ts";
import { CONTENTS_LABEL, IMAGES_LABEL, type ImageSource, type ObtainedImage } from "./image-source.ts";
import { removeBuildLeftovers } from "./leftovers.ts";
import { kubernetesRecipes, requireRelease } from "./kubernetes-recipes.ts";
import { makeNode, planNode, type NodePlan } from "./node-image.ts";
import { OwnSource } from "./own-source.ts";
import { PullSource } from "./pull-source.ts";
import { loadRecipes, recipeOf, type Recipes } from "./recipe.ts";
import { parseImages, parseSubjects } from "./subjects.ts";
import { readToolchain } from "./toolchain.ts";
import { Workshop } from "./workshop.ts";

export interface EnsureImagesOptions {
  readonly source: SourceChoice;
  /** Prefix of a mirror, e.g. `registry.example:5000/upstream`. */
  readonly mirror?: string | undefined;
  /** Another release of Kubernetes than the pinned one, e.g. `v1.33.13`. */
  readonly kubernetes?: string | undefined;
  readonly progress: Progress;
  readonly signal?: AbortSignal | undefined;
  /** Default: those of the package. */
  readonly recipes?: Recipes | undefined;
}

export interface ImageSet {
  /** Kubernetes, the reference plugins, our programs, and `images` in its containerd. */
  readonly nodeImage: { readonly ref: string; readonly id: string };
  /** Preloaded in the node image, under their references. */
  readonly images: readonly ObtainedImage[];
  /** All that is known to be in the node image, images included. */
  readonly contents: readonly Subject[];
  /** Number of steps that were really done; 0 if everything was there. */
  readonly built: number;
}

/**
 * Makes sure that the node image is there, with everything in it that a cluster needs.
 * What is there already, from whatever source the choice allows, is taken without asking any registry.
 * @throws PlumblineError PL_NO_DOCKER, PL_NOT_PRIVILEGED, PL_IMAGE_ARCH, PL_IMAGE_SOURCE, PL_KUBERNETES_VERSION, PL_NO_GO, PL_GO_BUILD, PL_ROOT, PL_DOCKER and others
 */
export function ensureImages(options: EnsureImagesOptions): Promise<ImageSet> {
  return inPhase(options.progress, "Images", async (phase) => {
    // one failed build ends the others
    const failure = new AbortController();
    const signal = options.signal ? AbortSignal.any([options.signal, failure.signal]) : failure.signal;
    // a step each of some dozens listens to it: Node takes more than ten for a leak
    setMaxListeners(0, signal);
    try {
      return await ensure({ ...options, signal }, phase);
    } catch (error) {
      failure.abort(error);
      throw error;
    }
  });
}

async function ensure(options: EnsureImagesOptions, phase: Phase): Promise<ImageSet> {
  const { signal } = options;
  const [pinned, toolchain, daemon] = await Promise.all([
    options.recipes ?? loadRecipes(),
    readToolchain(signal),
    requireDocker(signal),
  ]);
  const recipes = options.kubernetes === undefined ? pinned : kubernetesRecipes(pinned, options.kubernetes);
  const workshop = new Workshop({ recipes, toolchain, durations: new Durations(), phase, signal });
  const build = new BuildSource(workshop);
  const candidates = sourcesFor(options, { recipes, arch: daemon.arch, build });

  const plans = await Promise.all(candidates.map(({ source, own }) => planNode({ source, own }, workshop)));
  for (const plan of plans) {
    const present = await presentSet(plan, 0, signal);
    if (present) {
      phase.update("0 built");
      return present;
    }
  }
  const { source, reason } = await chooseSource(candidates.map((c) => c.source));
  phase.update(reason);
  const plan = plans.find((p) => p.source === source);
  if (!plan) throw harnessError("PL_IMAGE_SOURCE", `no plan for the source ${source.kind}`);
  if (source.kind === "build" && recipes !== pinned) await requireRelease(recipes, { toolchain, signal });
  // layers are made in privileged containers: better refused now than after a quarter of an hour of building
  await requirePrivileged(signal);
  await removeBuildLeftovers(signal);
  if (!(await inspectImage(plan.tags.components, { signal }))) startBuilds(plan, workshop);
  await makeNode(plan, workshop, { phase, signal });
  const made = await presentSet(plan, workshop.built, signal);
  if (!made)
    throw harnessError("PL_IMAGE", `${plan.tags.node} was made, but Docker does not have it, or not with its labels`);
  phase.update(`${workshop.built} built`);
  return made;
}

function sourcesFor(
  options: EnsureImagesOptions,
  { recipes, arch, build }: { readonly recipes: Recipes; readonly arch: string; readonly build: BuildSource },
): { source: ImageSource; own: ImageSource }[] {
  const { mirror } = options;
  const { base, components } = recipes.node;
  const refs = [base.ref, ...components.images.flatMap((name) => recipeOf("image", recipes.images, name).ref ?? [])];
  const sources = candidatesOf(options.source, {
    registry: new PullSource({ refs, arch }),
    mirror: mirror === undefined ? undefined : new PullSource({ refs, arch, mirror }),
    build,
  });
  return sources.map((source) => ({
    source,
    own: source.kind === "mirror" ? new OwnSource(build, { mirror, arch }) : build,
  }));
}

/** Starts what takes longest first, before anything waits for it; recipes stand in that order. */
function startBuilds({ source, own }: NodePlan, workshop: Workshop): void {
  if (source.kind === "build") {
    for (const module of workshop.recipes.modules.values()) {
      if (module.on === "node") workshop.binaries(module.name).catch(() => undefined);
    }
    for (const root of workshop.recipes.roots.keys()) workshop.root(root).catch(() => undefined);
  } else {
    workshop.binaries("reference-plugins").catch(() => undefined);
  }
  if (own.kind === "build") workshop.programs().catch(() => undefined);
}

/** The node image if it is there, as its labels describe it. */
async function presentSet(
  plan: NodePlan,
  built: number,
  signal: AbortSignal | undefined,
): Promise<ImageSet | undefined> {
  const image = await inspectImage(plan.tags.node, { signal });
  const images = parseImages(image?.labels[IMAGES_LABEL]);
  const contents = parseSubjects(image?.labels[CONTENTS_LABEL]);
  if (!image || !images || !contents) return undefined;
  return { nodeImage: { ref: plan.tags.node, id: image.id }, images, contents, built };
}
