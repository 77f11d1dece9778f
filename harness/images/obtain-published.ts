import { messageOf, PlumblineError } from "../core/errors.ts";
import { inPhase, type Progress } from "../core/ports.ts";
import { inspectImage } from "../docker/docker-image.ts";
import { requireDocker } from "../docker/require-docker.ts";
import type { SourceChoice } from "./choose-source.ts";
import { mirroredRef, registriesOf } from "./image-ref.ts";
import type { LocalImage, ObtainContext } from "./image-source.ts";
import { PullSource } from "./pull-source.ts";
import { reachRegistries } from "./reach-registry.ts";

interface From {
  readonly source: SourceChoice;
  readonly mirror?: string | undefined;
}

export interface ObtainPublishedCall {
  readonly images: From;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** Images that a project publishes and nobody builds here. */
interface PublishedImages {
  readonly name: string;
  readonly version: string;
  readonly images: readonly string[];
}

/** What is thrown for an image that cannot be had. */
type Refusal = (ref: string, failure: { readonly why: string; readonly cause?: unknown }) => Error;

/**
 * Gets images from upstream's registry or a mirror, whatever builds the rest; one that this host's Docker has under its name
 * is taken as it is.
 * @throws what `refusal` makes of the first image that cannot be had, and why; PlumblineError PL_IMAGE_ARCH
 */
export async function obtainPublishedImages(
  published: PublishedImages,
  { images: from, progress, signal }: ObtainPublishedCall,
  refusal: Refusal,
): Promise<readonly LocalImage[]> {
  const { arch } = await requireDocker(signal);
  return inPhase(progress, `Images of ${published.name} ${published.version}`, async (phase) => {
    // all are asked for before one is pulled, so that what cannot be had is known at once
    for (const ref of published.images) {
      const { ok, reason } = await canBeHad(ref, from, signal);
      if (!ok) throw refusal(ref, { why: reason });
    }
    const obtained: LocalImage[] = [];
    for (const ref of published.images) {
      const name = `${published.name}-${nameOf(ref)}`;
      obtained.push(await obtain({ name, ref }, { from, arch, phase, signal, refusal }));
    }
    return obtained;
  });
}

/** Whether an image that is published is here or could be pulled, and why (not). Bounded to a few seconds. */
export async function canBeHad(
  ref: string,
  { source, mirror }: From,
  signal: AbortSignal | undefined,
): Promise<{ readonly ok: boolean; readonly reason: string }> {
  for (const name of localNames(ref, mirror)) {
    if (await inspectImage(name, { signal })) return { ok: true, reason: `this host's Docker has ${name}` };
  }
  if (source === "build") return { ok: false, reason: "not in this host's Docker, and images are to be built" };
  const asked = source === "registry" || mirror === undefined ? ref : mirroredRef(ref, mirror);
  const { ok, reason } = await reachRegistries(registriesOf([asked]));
  return { ok, reason: ok ? reason : `not in this host's Docker, and ${reason}` };
}

function localNames(ref: string, mirror: string | undefined): readonly string[] {
  return mirror === undefined ? [ref] : [ref, mirroredRef(ref, mirror)];
}

interface OneImage extends ObtainContext {
  readonly from: From;
  readonly arch: string;
  readonly refusal: Refusal;
}

async function obtain(
  { name, ref }: { readonly name: string; readonly ref: string },
  { from, arch, refusal, ...context }: OneImage,
): Promise<LocalImage> {
  const recipe = { name, ref, changes: [], build: { files: [], entrypoint: [] } };
  const isHere = (await inspectImage(ref, context)) !== undefined;
  const mirror = isHere || from.source === "registry" ? undefined : from.mirror;
  try {
    return await new PullSource({ refs: [ref], arch, mirror }).obtain(recipe, context);
  } catch (cause) {
    context.signal?.throwIfAborted();
    if (cause instanceof PlumblineError && cause.code === "PL_IMAGE_ARCH") throw cause;
    throw refusal(ref, { why: messageOf(cause), cause });
  }
}

/** `quay.io/calico/kube-controllers:v3.32.1` -> `kube-controllers` */
function nameOf(ref: string): string {
  return /([^/:]+)(:[^:/]+)?$/.exec(ref)?.[1] ?? ref;
}
