import { expectedNodes, podNodes } from "../cluster/cluster-nodes.ts";
import type { ClusterSpec } from "../cluster/cluster.ts";
import { find, requireOurs } from "../cluster/ownership.ts";
import { harnessError } from "../core/errors.ts";
import type { Subject } from "../core/subject.ts";
import { ensureImages, type ImageSet } from "../images/ensure-images.ts";
import { dockerTransport } from "../nodes/docker-transport.ts";
import { stackNamed, type Stack } from "../stack/stack.ts";
import { clusterNameOf, type TestbedOptions } from "./testbed-options.ts";
import { obtainPulled, obtainSupplies, type Supplies } from "./supplies.ts";
import { unpackImages } from "./unpack-images.ts";

/** The images, unless the name of the cluster is somebody else's: that is better known before they are built. */
export async function imagesFor(
  options: TestbedOptions,
): Promise<{ readonly images: ImageSet; readonly supplies: Supplies }> {
  const { progress } = options;
  const name = clusterNameOf(options);
  const refused = new AbortController();
  const signal = AbortSignal.any([options.signal, refused.signal]);
  const looked = find(name).then(
    (found) => {
      try {
        requireOurs(name, found);
      } catch (error) {
        refused.abort(error);
      }
    },
    () => undefined, // a Docker that does not answer is told by whoever needs it
  );
  const stack = stackNamed(options.stack);
  const call = { ...options, signal };
  // first: that one of these cannot be had is better known before the others are built
  const pulled = await obtainPulled(stack, call);
  const images = await ensureImages({ ...options.images, progress, signal });
  const supplies = await obtainSupplies(stack, call);
  await looked;
  signal.throwIfAborted();
  return { images, supplies: { ...supplies, ...pulled } };
}

/** Before the stack asks for its images, and pods of cases for theirs. */
export async function unpackAll(
  spec: ClusterSpec,
  what: {
    readonly stack: Stack;
    readonly testImage: string;
    readonly images: ImageSet;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const nodes = expectedNodes(spec);
  const takePods = podNodes(nodes);
  const names = new Set(what.stack.components.flatMap((component) => component.images));
  const ofStack = what.images.images.filter((image) => names.has(image.name)).map((image) => image.ref);
  await Promise.all(
    nodes.map(async (node) => {
      const refs = [...new Set([...ofStack, ...(takePods.includes(node) ? [what.testImage] : [])])];
      await unpackImages(dockerTransport(node.name), refs, what.signal);
    }),
  );
}

/** What was read from the cluster, and what else the node image is known to hold. */
export function withContents(seen: readonly Subject[], contents: readonly Subject[]): readonly Subject[] {
  const names = new Set(seen.map(({ name }) => name));
  return [...seen, ...contents.filter(({ name }) => !names.has(name))];
}

/** @throws PlumblineError PL_NO_TEST_IMAGE */
export function testImageOf({ images }: ImageSet): string {
  const image = images.find(({ name }) => name === "test");
  if (image) return image.ref;
  throw harnessError("PL_NO_TEST_IMAGE", "the node image has no test image in it", {
    hint: "`plumbline images build`",
  });
}
