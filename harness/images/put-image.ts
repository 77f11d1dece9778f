import { execInContainer } from "../docker/docker-container.ts";
import { streamImages } from "../docker/docker-image.ts";
import { fullReference } from "./image-ref.ts";
import type { LocalImage } from "./image-source.ts";

const CTR = ["ctr", "-n", "k8s.io", "images"];
const PINNED = "io.cri-containerd.pinned=pinned";

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
  const asked = fullReference(image.ref);
  if (local !== asked) await tagOn(node, [local, asked], signal);
  // not by `import --label`, which the ctr of some versions lacks
  await execInContainer(node, [...CTR, "label", asked, PINNED], { signal });
  await tagOn(node, [local, mark], signal);
}

async function tagOn(
  node: string,
  names: readonly [from: string, to: string],
  signal: AbortSignal | undefined,
): Promise<void> {
  await execInContainer(node, [...CTR, "tag", "--force", ...names], { signal });
}
