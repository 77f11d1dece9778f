import { KubeApiError, type KubeObject } from "../kube/client.ts";
import type { Subject } from "../core/subject.ts";
import { harnessError, messageOf, PlumblineError } from "../core/errors.ts";
import type { StackContext } from "./component.ts";
import { runningImages } from "./daemon-set.ts";
import { parseManifest, readManifest } from "./manifest.ts";
import { preloadedImage } from "./node-contents.ts";
import { applyPatches, loadPatches, type Patch, type Patched } from "./patch-set.ts";

export interface ManifestSource {
  /** Its file name. */
  readonly file: string;
  /** Default: as it lies in the node image. */
  readonly text?: string | undefined;
  /** Names of patch files. */
  readonly patches: readonly string[];
  /** For their placeholders. */
  readonly values?: Readonly<Record<string, string>>;
  /** Applied after those of the files. */
  readonly further?: readonly Patch[];
}

/** Upstream's manifest as it is installed on this cluster. */
export async function patchedManifest(context: StackContext, source: ManifestSource): Promise<Patched> {
  const [node] = context.nodes;
  if (!node) throw harnessError("PL_NODE_UNKNOWN", `cluster ${context.cluster.spec.name} has no node`);
  const objects =
    source.text === undefined
      ? await readManifest(node, source.file, context.signal)
      : parseManifest(source.text, source.file);
  return patchedObjects(objects, source, context.cluster.spec);
}

/** The same of objects that were read. @throws PlumblineError PL_PATCH, PL_PATCH_FILE */
export function patchedObjects(
  objects: readonly KubeObject[],
  { patches, values, further = [] }: Pick<ManifestSource, "patches" | "values" | "further">,
  cluster: { readonly ipFamily: "ipv4" | "dual" },
): Patched {
  return applyPatches(objects, [...patches.flatMap((name) => loadPatches(name, values)), ...further], cluster);
}

/**
 * Applies objects of a manifest, in their order.
 * @throws PlumblineError PL_MANIFEST_APPLY with the object that the API refused, and why
 */
export async function applyManifest(
  { kube, signal }: StackContext,
  { file, patches }: ManifestSource,
  objects: readonly KubeObject[],
): Promise<void> {
  for (const object of objects) {
    try {
      await kube.apply([object], { signal });
    } catch (cause) {
      if (!isRefusal(cause)) throw cause;
      const { namespace, name } = object.metadata;
      const what = `${object.kind} ${namespace === undefined ? "" : `${namespace}/`}${name}`;
      const changed = patches.map((patch) => `fixtures/patches/${patch}.yaml`).join(", ");
      throw harnessError("PL_MANIFEST_APPLY", `${what} of ${file} does not apply: ${messageOf(cause)}`, {
        hint: `this Kubernetes refuses it; ${changed ? `it is upstream's manifest, changed by ${changed}` : "it is upstream's manifest, unchanged"}`,
        cause,
      });
    }
  }
}

/** An answer of the API server, or that it does not know the kind; not that it cannot be reached. */
function isRefusal(error: unknown): boolean {
  if (error instanceof KubeApiError) return error.status !== 0;
  return error instanceof PlumblineError && error.code === "PL_KUBE_KIND";
}

interface DaemonSubject {
  readonly name: string;
  readonly version: string;
  readonly daemonSet: { readonly namespace: string; readonly name: string };
  readonly manifest: ManifestSource;
  /** What is known of its image. Default: what the node image says of it. */
  readonly image?: Subject | undefined;
}

/** The Subject of a component that runs as a DaemonSet: what its pods run, and what was changed in its manifest. */
export async function daemonSubject(context: StackContext, options: DaemonSubject): Promise<Subject> {
  const [images, { changes }] = await Promise.all([
    runningImages(context, options.daemonSet),
    patchedManifest(context, options.manifest),
  ]);
  const [image, second] = images;
  if (!image || second) {
    throw harnessError(
      "PL_STACK_IMAGES",
      `${options.name} runs ${images.length} different images on the nodes, not one`,
      {
        context: { images },
      },
    );
  }
  const known = options.image ?? (await preloadedImage(context, image.ref))?.subject;
  return {
    name: options.name,
    version: options.version,
    origin: known?.origin ?? "upstream",
    source: known?.source ?? image.ref,
    digest: image.id,
    changes: [...(known?.changes ?? []), ...changes],
  };
}

/** Removes the objects of a manifest, the last first. */
export async function removeManifest(context: StackContext, source: ManifestSource): Promise<void> {
  const { objects } = await patchedManifest(context, source);
  for (const object of objects.toReversed()) await removeObject(context, object);
}

async function removeObject(context: StackContext, { apiVersion, kind, metadata }: KubeObject): Promise<void> {
  const { name, namespace } = metadata;
  await context.kube.delete({ apiVersion, kind, namespace, name }, { signal: context.signal });
}
