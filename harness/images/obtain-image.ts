import type { Phase } from "../core/ports.ts";
import { inspectImage } from "../docker/docker-image.ts";
import { BuildSource } from "./build-source.ts";
import { candidatesOf, chooseSource, type SourceChoice } from "./choose-source.ts";
import { Durations } from "./durations.ts";
import type { ImageSource, LocalImage } from "./image-source.ts";
import { PullSource } from "./pull-source.ts";
import type { ImageRecipe, Recipes } from "./recipe.ts";
import type { Toolchain } from "./toolchain.ts";
import { Workshop } from "./workshop.ts";

export interface ObtainImageCall {
  readonly images: { readonly source: SourceChoice; readonly mirror?: string | undefined };
  readonly toolchain: Toolchain;
  /** Of Docker's daemon. */
  readonly arch: string;
  readonly phase: Phase;
  readonly signal: AbortSignal;
}

/**
 * Gets one image that the node image does not have: pulled under its reference, or built, once for each content.
 * @param recipe of `recipes`; without a reference it can only be built
 * @throws PlumblineError those of `ensureImages`
 */
export async function obtainImage(recipe: ImageRecipe, recipes: Recipes, call: ObtainImageCall): Promise<LocalImage> {
  const { phase, signal, toolchain } = call;
  const workshop = new Workshop({ recipes, toolchain, durations: new Durations(), phase, signal });
  const build = new BuildSource(workshop);
  const candidates = recipe.ref === undefined ? [build] : pulled(recipe.ref, { build, call });
  for (const source of candidates) {
    if (await isThere(source, recipe, signal)) return source.obtain(recipe, { phase, signal });
  }
  const { source, reason } = await chooseSource(candidates);
  phase.update(reason);
  return source.obtain(recipe, { phase, signal });
}

function pulled(
  ref: string,
  { build, call }: { readonly build: BuildSource; readonly call: ObtainImageCall },
): readonly ImageSource[] {
  const { source, mirror } = call.images;
  const from = { refs: [ref], arch: call.arch };
  return candidatesOf(source, {
    registry: new PullSource(from),
    mirror: mirror === undefined ? undefined : new PullSource({ ...from, mirror }),
    build,
  });
}

async function isThere(source: ImageSource, recipe: ImageRecipe, signal: AbortSignal): Promise<boolean> {
  return (await inspectImage(await source.identity(recipe), { signal })) !== undefined;
}
