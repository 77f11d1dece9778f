import { execInContainer } from "../docker/docker-container.ts";
import { streamImages } from "../docker/docker-image.ts";
import { fullReference } from "./image-ref.ts";
import type { LocalImage } from "./image-source.ts";

const CTR = ["ctr", "-n", "k8s.io", "images"];

/**
 * Puts an image of this host's Docker into the containerd of a node that runs, under the reference that pods ask for,
 * pinned, so that the kubelet never removes it. One that is there already is not sent again.
 * @param node name of the container
 */
export async function putImage(node: string, image: LocalImage, signal: AbortSignal | undefined): Promise<void> {
  // names the content, not the image: a reference of somebody else's may have moved
  const mark = `plumbline.invalid/put:${image.id.replace("sha256:", "")}`;
  const { stdout } = await execInContainer(node, [...CTR, "ls", "-q"], { signal });
  if (stdout.split("\n").includes(mark)) {
    await tagOn(node, [mark, fullReference(image.ref)], signal);
    return;
  }
  await streamImages([image.localRef], { container: node, argv: [...CTR, "import", "-"] }, { signal });
  const local = fullReference(image.localRef);
  // ctr of containerd 1.7 cannot label what it imports
  await execInContainer(node, [...CTR, "label", local, "io.cri-containerd.pinned=pinned"], { signal });
  if (local !== fullReference(image.ref)) await tagOn(node, [local, fullReference(image.ref)], signal);
  await tagOn(node, [local, mark], signal);
}

async function tagOn(
  node: string,
  names: readonly [from: string, to: string],
  signal: AbortSignal | undefined,
): Promise<void> {
  await execInContainer(node, [...CTR, "tag", "--force", ...names], { signal });
}
