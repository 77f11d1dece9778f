import { hostError, messageOf, PlumblineError } from "../core/errors.ts";
import { inPhase, type Progress } from "../core/ports.ts";
import { inspectImage } from "../docker/docker-image.ts";
import { requireDocker } from "../docker/require-docker.ts";
import type { SourceChoice } from "./choose-source.ts";
import { mirroredRef, registriesOf } from "./image-ref.ts";
import type { LocalImage, ObtainContext } from "./image-source.ts";
import { obtainManifest } from "./obtain-manifest.ts";
import type { PublishedNetwork } from "./published-network.ts";
import { PullSource } from "./pull-source.ts";
import { reachRegistries } from "./reach-registry.ts";

/** What a published network is installed from: its images are put on the nodes of a cluster. */
export interface NetworkSupply {
  readonly images: readonly LocalImage[];
  /** As its project has it. */
  readonly manifest: string;
}

interface From {
  readonly source: SourceChoice;
  readonly mirror?: string | undefined;
}

/**
 * Gets what a published network is installed from. Its images come from upstream's registry or a mirror, whatever builds
 * the rest; one that this host's Docker has under its name is taken as it is.
 * @throws PlumblineError PL_NETWORK_IMAGE (host) with the first image that cannot be had, and why; those of `obtainManifest`
 */
export async function obtainNetwork(
  network: PublishedNetwork,
  options: { readonly images: From; readonly progress: Progress; readonly signal: AbortSignal },
): Promise<NetworkSupply> {
  const { progress, signal, images: from } = options;
  const { arch } = await requireDocker(signal);
  const images = await inPhase(progress, `Images of ${network.name} ${network.version}`, async (phase) => {
    // all are asked for before one is pulled, so that what cannot be had is known at once
    for (const ref of network.images) {
      const { ok, reason } = await canBeHad(ref, from, signal);
      if (!ok) throw cannotBeHad(network, ref, { why: reason });
    }
    const obtained: LocalImage[] = [];
    for (const ref of network.images) obtained.push(await obtain(network, ref, { from, arch, phase, signal }));
    return obtained;
  });
  return { images, manifest: await obtainManifest(network, options) };
}

/** Whether an image of a published network is here or could be pulled, and why (not). Bounded to a few seconds. */
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

async function obtain(
  network: PublishedNetwork,
  ref: string,
  { from, arch, ...context }: ObtainContext & { readonly from: From; readonly arch: string },
): Promise<LocalImage> {
  const build = { files: [], entrypoint: [] };
  const recipe = { name: `${network.name}-${nameOf(ref)}`, ref, changes: [], build };
  const isHere = (await inspectImage(ref, context)) !== undefined;
  const mirror = isHere || from.source === "registry" ? undefined : from.mirror;
  try {
    return await new PullSource({ refs: [ref], arch, mirror }).obtain(recipe, context);
  } catch (cause) {
    context.signal?.throwIfAborted();
    if (cause instanceof PlumblineError && cause.code === "PL_IMAGE_ARCH") throw cause;
    throw cannotBeHad(network, ref, { why: messageOf(cause), cause });
  }
}

/** `quay.io/calico/kube-controllers:v3.32.1` -> `kube-controllers` */
function nameOf(ref: string): string {
  return /([^/:]+)(:[^:/]+)?$/.exec(ref)?.[1] ?? ref;
}

function cannotBeHad({ name }: PublishedNetwork, ref: string, { why, cause }: { why: string; cause?: unknown }): Error {
  const message = `the default network ${name} needs the image ${ref}, which cannot be had: ${why}`;
  return hostError("PL_NETWORK_IMAGE", message, {
    hint: `images of ${name} are pulled and not built: name a mirror that has them (--mirror), lay them into this host's Docker (docker load), or take a stack that is built, such as ptp-thick`,
    ...(cause === undefined ? {} : { cause }),
  });
}
