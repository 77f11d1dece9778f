import { nodeContainers } from "../cluster/docker-objects.ts";
import type { RunningCluster } from "../cluster/cluster.ts";
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

/** The image that was preloaded under the name of its recipe. */
export async function preloadedImageNamed(context: StackContext, name: string): Promise<ObtainedImage | undefined> {
  return parseImages(await label(context, IMAGES_LABEL))?.find((image) => image.name === name);
}

type Labels = Readonly<Record<string, string>>;

/** The labels of a cluster's nodes never change, and asking Docker takes a while. */
const known = new WeakMap<RunningCluster, Promise<Labels>>();

async function label({ cluster }: StackContext, name: string): Promise<string | undefined> {
  const labels = known.get(cluster) ?? nodeContainers(cluster.spec.name).then(([first]) => first?.labels ?? {});
  known.set(cluster, labels);
  return (await labels)[name];
}
