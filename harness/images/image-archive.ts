import { rm } from "node:fs/promises";
import path from "node:path";
import { canonicalJson, sha256 } from "../core/json.ts";
import { homeDir } from "../core/state-dir.ts";
import { loadImageArchive } from "../docker/docker-image.ts";
import { digestOf, type DebianRoot } from "./debian-root.ts";
import { writeTar, type TarEntry } from "./tar-file.ts";

export interface LayeredImage {
  /** Under which Docker will know it. */
  readonly tag: string;
  /** First layer; without it the image holds nothing but the files of `layers`. */
  readonly root: DebianRoot | undefined;
  readonly layers: readonly (readonly TarEntry[])[];
  readonly entrypoint: readonly string[];
  readonly user?: string | undefined;
  /** Added to PATH, e.g. `container=docker`. */
  readonly env?: readonly string[];
  readonly stopSignal?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly arch: string;
}

/**
 * Writes an image as `docker save` would and loads it. No builder is needed, and equal content gives an equal id.
 * @source the archive format of `docker save`, and the OCI image configuration
 */
export async function loadLayeredImage(image: LayeredImage, signal?: AbortSignal): Promise<void> {
  const folder = homeDir("cache", "work", `${image.tag.replaceAll(/[^\w.-]/g, "-")}.${process.pid}`);
  try {
    const made = await Promise.all(
      image.layers.map((entries, i) => writeLayer(path.join(folder, `${i}.tar`), entries)),
    );
    const layers = [...(image.root ? [image.root] : []), ...made];
    const digests = layers.map((layer) => layer.digest);
    const config = imageConfig(image, digests);
    const manifest = {
      Config: `${sha256(config)}.json`,
      RepoTags: [image.tag],
      Layers: layers.map((_, i) => `layer-${i}.tar`),
    };
    const archiveFile = path.join(folder, "archive.tar");
    await writeTar(archiveFile, [
      { name: manifest.Config, mode: 0o644, text: config },
      { name: "manifest.json", mode: 0o644, text: JSON.stringify([manifest]) },
      ...layers.map((layer, i) => ({ name: `layer-${i}.tar`, mode: 0o644, file: layer.tarFile })),
    ]);
    await loadImageArchive(archiveFile, { signal });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function writeLayer(tarFile: string, entries: readonly TarEntry[]): Promise<DebianRoot> {
  await writeTar(tarFile, entries);
  return { tarFile, digest: await digestOf(tarFile) };
}

/** The configuration of an image as text; its digest is the image's id. @param digests of the layers, lowest first */
export function imageConfig(image: Omit<LayeredImage, "layers" | "root">, digests: readonly string[]): string {
  const created = "2025-01-01T00:00:00Z";
  return canonicalJson({
    architecture: image.arch,
    os: "linux",
    created,
    config: {
      Env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", ...(image.env ?? [])],
      ...(image.entrypoint.length > 0 ? { Entrypoint: image.entrypoint } : {}),
      ...(image.user === undefined ? {} : { User: image.user }),
      ...(image.stopSignal === undefined ? {} : { StopSignal: image.stopSignal }),
      Labels: image.labels,
      WorkingDir: "/",
    },
    rootfs: { type: "layers", diff_ids: digests },
    history: digests.map(() => ({ created, created_by: "plumbline" })),
  });
}
