import type { Subject } from "../core/subject.ts";
import { inspectImage, listImagesByName } from "../docker/docker-image.ts";
import { CONTENTS_LABEL, IMAGES_LABEL, type ObtainedImage } from "./image-source.ts";
import { parseImages, parseSubjects } from "./subjects.ts";

/** A node image on this host, as its labels describe it. */
export interface NodeImageInfo {
  readonly ref: string;
  readonly id: string;
  readonly sizeBytes: number;
  readonly contents: readonly Subject[];
  /** Preloaded in its containerd. */
  readonly images: readonly ObtainedImage[];
}

/** The node images that this host's Docker has, newest first. */
export async function listNodeImages(signal?: AbortSignal): Promise<NodeImageInfo[]> {
  const refs = await listImagesByName("plumbline/node", { signal });
  const found = await Promise.all(refs.map((ref) => describe(ref, signal)));
  return found.filter((info) => info !== undefined);
}

async function describe(ref: string, signal: AbortSignal | undefined): Promise<NodeImageInfo | undefined> {
  const image = await inspectImage(ref, { signal });
  const contents = parseSubjects(image?.labels[CONTENTS_LABEL]);
  const images = parseImages(image?.labels[IMAGES_LABEL]);
  if (!image || !contents || !images) return undefined;
  return { ref, id: image.id, sizeBytes: image.sizeBytes, contents, images };
}
