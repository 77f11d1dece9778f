import { nodeContainers } from "../cluster/docker-objects.ts";
import type { Subject } from "../core/subject.ts";
import { CONTENTS_LABEL, IMAGES_LABEL, type ObtainedImage } from "../images/image-source.ts";
import { parseImages, parseSubjects } from "../images/subjects.ts";
import type { StackContext } from "./component.ts";

/** What the node image says it holds: Subjects of that name. Nodes of a cluster run one image. */
export async function nodeContents(context: StackContext, names?: readonly string[]): Promise<readonly Subject[]> {
  const subjects = parseSubjects(await label(context, CONTENTS_LABEL)) ?? [];
  return names ? subjects.filter((subject) => names.includes(subject.name)) : subjects;
}

/** The image that was preloaded under a reference. */
export async function preloadedImage(context: StackContext, ref: string): Promise<ObtainedImage | undefined> {
  return parseImages(await label(context, IMAGES_LABEL))?.find((image) => image.ref === ref);
}

async function label(context: StackContext, name: string): Promise<string | undefined> {
  const [container] = await nodeContainers(context.cluster.spec.name);
  return container?.labels[name];
}
