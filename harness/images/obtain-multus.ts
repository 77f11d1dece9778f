import { readFile } from "node:fs/promises";
import path from "node:path";
import type { MultusSource } from "../config/multus-source.ts";
import { MULTUS_MODULE } from "../config/multus-source.ts";
import { messageOf, PlumblineError, usageError } from "../core/errors.ts";
import { inPhase, type Phase, type Progress } from "../core/ports.ts";
import { requireDocker } from "../docker/require-docker.ts";
import { readCheckout } from "./checkout.ts";
import { fetchModule } from "./go-build.ts";
import type { LocalImage } from "./image-source.ts";
import { multusModule, multusRecipes, type OtherMultus } from "./multus-recipes.ts";
import { obtainImage, type ObtainImageCall } from "./obtain-image.ts";
import { PullSource } from "./pull-source.ts";
import { loadRecipes, recipeOf, type Recipes } from "./recipe.ts";
import { readToolchain, toolchainOf } from "./toolchain.ts";

/** A Multus that the node image does not have: it is put on the nodes of a cluster. */
export interface MultusSupply {
  readonly image: LocalImage;
  /** Its own manifest, unchanged; undefined for an image alone, which is installed with the pinned one's. */
  readonly manifest: string | undefined;
}

/** Upstream's manifests, by mode. */
export const MULTUS_MANIFESTS = { thick: "multus-daemonset-thick.yml", thin: "multus-daemonset.yml" } as const;

const REPOSITORY = "ghcr.io/k8snetworkplumbingwg/multus-cni";

export interface ObtainMultusOptions {
  readonly mode: "thick" | "thin";
  readonly images: ObtainImageCall["images"];
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/**
 * Gets another Multus than the pinned one: its image is pulled, or built as the pinned one's is, once for each content.
 * @returns undefined if the source names the pinned one, which the node image has
 * @throws PlumblineError PL_MULTUS_SOURCE (usage) if there is no such Multus, and those of `ensureImages`
 */
export async function obtainMultus(
  source: MultusSource,
  options: ObtainMultusOptions,
): Promise<MultusSupply | undefined> {
  const recipes = await loadRecipes();
  const pinned = recipeOf("module", recipes.modules, "multus");
  if (source.kind === "module" && source.module === pinned.module && source.version === pinned.version)
    return undefined;
  return inPhase(options.progress, "Multus", async (phase) => {
    const [host, { arch }] = await Promise.all([readToolchain(options.signal), requireDocker(options.signal)]);
    const toolchain = toolchainOf(host, source.kind === "module" ? pinned.go?.[source.version] : undefined);
    const call = { ...options, phase, arch, toolchain };
    if (source.kind === "image") return fromImage(source.ref, { recipes, call });
    const other = await otherMultus(source, options);
    const dir = await sourceDir(recipes, other, call);
    const manifest = await readFile(path.join(dir, "deployments", MULTUS_MANIFESTS[options.mode]), "utf8").catch(
      (cause: unknown) => {
        throw noMultus(`${other.told} has no manifest for the mode ${options.mode}: ${messageOf(cause)}`, cause);
      },
    );
    const changed = multusRecipes(recipes, other, dir);
    const image = await obtainImage(recipeOf("image", changed.images, `multus-${options.mode}`), changed, call);
    const subject = { ...image.subject, version: other.told };
    return { image: { ...image, subject }, manifest };
  });
}

interface Call extends ObtainMultusOptions {
  readonly phase: Phase;
  readonly arch: string;
  readonly toolchain: Awaited<ReturnType<typeof readToolchain>>;
}

async function otherMultus(
  source: Exclude<MultusSource, { kind: "image" }>,
  { mode, signal }: ObtainMultusOptions,
): Promise<OtherMultus> {
  if (source.kind === "module") {
    const { module, version } = source;
    const ref = `${REPOSITORY}:${version}${mode === "thick" ? "-thick" : ""}`;
    return { module, version, told: version, ref: isRelease(source) ? ref : undefined };
  }
  const { folder, module, described, digest } = await readCheckout(source.path, signal);
  // no published version; the major one must fit the module's path, as Go demands
  const major = /[./]v(\d+)$/.exec(module)?.[1] ?? "0";
  const told = `${described}+${digest.slice(0, 12)}`;
  return { module, version: `v${major}.0.0-local.${digest.slice(0, 12)}`, told, folder, ref: undefined };
}

/** Upstream publishes images of its releases. */
function isRelease({ module, version }: { readonly module: string; readonly version: string }): boolean {
  return module === MULTUS_MODULE && /^v\d+\.\d+\.\d+$/.test(version);
}

async function sourceDir(recipes: Recipes, other: OtherMultus, call: Call): Promise<string> {
  try {
    const { dir } = await fetchModule(multusModule(recipes, other), call);
    return dir;
  } catch (cause) {
    call.signal.throwIfAborted();
    throw noMultus(`there is no ${other.module}@${other.version}: ${messageOf(cause)}`, cause);
  }
}

async function fromImage(
  ref: string,
  { recipes, call }: { readonly recipes: Recipes; readonly call: Call },
): Promise<MultusSupply> {
  const recipe = { ...recipeOf("image", recipes.images, `multus-${call.mode}`), ref };
  try {
    const image = await new PullSource({ refs: [ref], arch: call.arch }).obtain(recipe, call);
    const version = image.subject.version.replace(/^(v\d+\.\d+\.\d+)-(thick|thin)$/, "$1");
    return { image: { ...image, subject: { ...image.subject, name: "multus", version } }, manifest: undefined };
  } catch (cause) {
    call.signal.throwIfAborted();
    if (cause instanceof PlumblineError && cause.code === "PL_IMAGE_ARCH") throw cause;
    throw noMultus(`the image ${ref} cannot be had: ${messageOf(cause)}`, cause);
  }
}

function noMultus(why: string, cause: unknown): Error {
  return usageError("PL_MULTUS_SOURCE", `--multus: ${why}`, {
    hint: "--multus takes a version such as v4.2.3, a checkout such as ./multus-cni, go:MODULE@VERSION, or image:REF",
    cause,
  });
}
