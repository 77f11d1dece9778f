import { hostError } from "../core/errors.ts";
import type { LocalImage } from "./image-source.ts";
import { obtainManifest } from "./obtain-manifest.ts";
import { obtainPublishedImages, type ObtainPublishedCall } from "./obtain-published.ts";
import type { PublishedNetwork } from "./published-network.ts";

/** What a published network is installed from: its images are put on the nodes of a cluster. */
export interface NetworkSupply {
  readonly images: readonly LocalImage[];
  /** As its project has it. */
  readonly manifest: string;
}

/**
 * Gets what a published network is installed from.
 * @throws PlumblineError PL_NETWORK_IMAGE (host) with the first image that cannot be had, and why; those of `obtainManifest`
 */
export async function obtainNetwork(network: PublishedNetwork, call: ObtainPublishedCall): Promise<NetworkSupply> {
  const images = await obtainPublishedImages(network, call, (ref, failure) => cannotBeHad(network, ref, failure));
  return { images, manifest: await obtainManifest(network, call) };
}

function cannotBeHad({ name }: PublishedNetwork, ref: string, { why, cause }: { why: string; cause?: unknown }): Error {
  const message = `the default network ${name} needs the image ${ref}, which cannot be had: ${why}`;
  return hostError("PL_NETWORK_IMAGE", message, {
    hint: `images of ${name} are pulled and not built: name a mirror that has them (--mirror), lay them into this host's Docker (docker load), or take a stack that is built, such as ptp-thick`,
    ...(cause === undefined ? {} : { cause }),
  });
}
