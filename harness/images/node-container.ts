import { rm } from "node:fs/promises";
import path from "node:path";
import { Deadline } from "../core/deadline.ts";
import { Scope } from "../core/scope.ts";
import { homeDir } from "../core/state-dir.ts";
import { until } from "../core/until.ts";
import {
  commitContainer,
  execInContainer,
  removeContainer,
  startContainer,
  unpackInContainer,
} from "../docker/docker-container.ts";
import { streamImages } from "../docker/docker-image.ts";
import { fullReference } from "./image-ref.ts";
import type { LocalImage } from "./image-source.ts";
import { BUILD_CONTAINER_PREFIX } from "./leftovers.ts";
import { writeTar, type TarEntry } from "./tar-file.ts";

/** Raised when layers of the same recipe come out differently: part of their keys. */
export const NODE_LAYER_FORMAT = 3;

/** One layer of the node image. */
export interface NodeLayer {
  /** Reference of the image below. */
  readonly from: string;
  /** Reference of what is made. */
  readonly tag: string;
  readonly files: readonly TarEntry[];
  /** Shell lines that are run in it, in one shell that stops at the first failure. */
  readonly steps: readonly string[];
  /** Put into its containerd under their references, pinned, so that the kubelet never removes them. */
  readonly images: readonly LocalImage[];
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * kind replaces neither; systemd is process 1 of a node, and takes its arguments for those of a kernel. With cgroup v1 it would
 * keep its units in a hierarchy of cgroup v2 besides, in which Docker gives containers no place of their own: the nodes of a
 * host share one, and a unit that one of them has there is not made by the next. @source kind's pkg/build/nodeimage
 */
const INIT = ["/usr/local/bin/entrypoint", "/sbin/init", "systemd.legacy_systemd_cgroup_controller=yes"];
const ENTRYPOINT = `ENTRYPOINT ${JSON.stringify(INIT)}`;

/**
 * Puts containerd's content outside /var, which is a volume of every node: Docker would copy all images into it for each
 * node that starts, a gigabyte a node, while the layers of the node image are shared.
 */
const CONTENT_OUTSIDE_VAR = `
  store=/var/lib/containerd/io.containerd.content.v1.content
  [ -L "$store" ] && exit 0
  mkdir -p "$store" /kind/images
  mv "$store" /kind/images/content
  ln -s /kind/images/content "$store"
`;

let containers = 0;

/**
 * Makes a layer of the node image in a container: files, steps, images. @returns the image's id
 * @throws PlumblineError PL_DOCKER
 */
export async function makeNodeLayer(layer: NodeLayer, signal?: AbortSignal): Promise<string> {
  const scope = new Scope({ budgetMs: 60_000 });
  // the name, not a label, marks it as ours: labels would be inherited by the image and then by every node
  const name = `${BUILD_CONTAINER_PREFIX}${process.pid}-${++containers}`;
  const tarFile = path.join(homeDir("cache", "work"), `${name}.tar`);
  scope.defer(`remove ${tarFile}`, () => rm(tarFile, { force: true }));
  scope.defer(`remove the container ${name}`, () => removeContainer(name));
  try {
    const { from: image, labels } = layer;
    await startContainer({ image, name, argv: ["sleep", "infinity"], labels, privileged: true }, { signal });
    if (layer.files.length > 0) {
      await writeTar(tarFile, layer.files);
      await unpackInContainer(name, tarFile, { signal });
    }
    if (layer.steps.length > 0) {
      await execInContainer(name, ["bash", "-euo", "pipefail", "-c", layer.steps.join("\n")], { signal });
    }
    if (layer.images.length > 0) await importImages(name, layer.images, signal);
    return await commitContainer(name, { ref: layer.tag, changes: [ENTRYPOINT, "CMD []"] }, { signal });
  } finally {
    await scope.close();
  }
}

async function importImages(
  container: string,
  images: readonly LocalImage[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const ctr = ["ctr", "-n", "k8s.io", "images"];
  await execInContainer(container, ["sh", "-euc", CONTENT_OUTSIDE_VAR], { signal });
  await execInContainer(container, ["containerd"], { detach: true, signal });
  await until(() => execInContainer(container, ["ctr", "version"], { signal, timeoutMs: 10_000 }), {
    what: "containerd to answer in the node image that is being made",
    deadline: Deadline.in(60_000),
    signal,
  });
  const refs = images.map((image) => image.localRef);
  // unpacked on a node when first used: the snapshots would only make the image larger
  const argv = [...ctr, "import", "--label=io.cri-containerd.pinned=pinned", "--no-unpack", "-"];
  await streamImages(refs, { container, argv }, { signal });
  for (const image of images) {
    const [from, to] = [fullReference(image.localRef), fullReference(image.ref)];
    if (from === to) continue;
    await execInContainer(container, [...ctr, "tag", "--force", from, to], { signal });
    await execInContainer(container, [...ctr, "rm", "--sync", from], { signal });
  }
  await execInContainer(container, ["pkill", "-TERM", "-x", "containerd"], { signal });
  await until(
    async () =>
      (await execInContainer(container, ["pgrep", "-x", "containerd"], { signal, okExitCodes: [0, 1] })).exitCode === 1,
    { what: "containerd to end", deadline: Deadline.in(30_000), intervalMs: 100, signal },
  );
  await execInContainer(container, ["rm", "-rf", "/run/containerd"], { signal });
}
