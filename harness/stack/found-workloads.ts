import type { KubeClient, KubeObject } from "../kube/client.ts";

/** A DaemonSet of the cluster: what may have brought a network. */
export interface Workload {
  readonly namespace: string;
  readonly name: string;
  /** Of its containers, then of those that prepare. */
  readonly images: readonly string[];
}

/** All DaemonSets, by namespace and name. */
export async function workloads(
  kube: Pick<KubeClient, "list">,
  signal: AbortSignal | undefined,
): Promise<readonly Workload[]> {
  const found = await kube.list({ apiVersion: "apps/v1", kind: "DaemonSet" }, { signal });
  return found
    .map((object) => ({
      namespace: object.metadata.namespace ?? "",
      name: object.metadata.name,
      images: imagesOf(object),
    }))
    .toSorted((a, b) => `${a.namespace}/${a.name}`.localeCompare(`${b.namespace}/${b.name}`, "en"));
}

/**
 * The image that runs, by its digest: as the runtime of a node tells it of a pod of the DaemonSet.
 * @returns an empty string where no pod tells
 */
export async function digestOf(
  kube: Pick<KubeClient, "list">,
  { namespace, name }: Workload,
  signal: AbortSignal | undefined,
): Promise<string> {
  const pods = await kube.list({ apiVersion: "v1", kind: "Pod", namespace }, { signal });
  const own = pods.filter(({ metadata }) => metadata.ownerReferences?.some((owner) => owner["name"] === name));
  const ids = own.flatMap(({ status }) => {
    const statuses = (status?.["containerStatuses"] ?? []) as readonly { readonly imageID?: string }[];
    return /sha256:[0-9a-f]{64}$/.exec(statuses[0]?.imageID ?? "")?.[0] ?? [];
  });
  return ids[0] ?? "";
}

/** The DaemonSet that brings Multus, among all. Others that go with it, such as a controller, have its name in theirs. */
export function multusWorkload(all: readonly Workload[]): Workload | undefined {
  return (
    all.find(({ images }) => images.some(isMultus)) ??
    all.find(({ images }) => images.some((image) => image.includes("multus")))
  );
}

/** Without registry, tag and digest. */
function isMultus(image: string): boolean {
  return /(?:^|[/-])multus(?:-cni)?(?:-thick|-thin)?$/.test(image.replace(/@.*$/, "").replace(/:[^:/]*$/, ""));
}

/** The version in the tag of the first image that has one. */
export function versionOfImage(images: readonly string[]): string | undefined {
  return images.flatMap((image) => /:(v\d+\.\d+\.\d+)[^/]*$/.exec(image.replace(/@sha256:.*$/, ""))?.[1] ?? [])[0];
}

function imagesOf(object: KubeObject): readonly string[] {
  const { spec } = (object.spec?.["template"] ?? {}) as { spec?: Record<string, unknown> };
  return ["containers", "initContainers"].flatMap((key) =>
    ((spec?.[key] ?? []) as readonly { readonly image?: string }[]).flatMap(({ image }) => image ?? []),
  );
}
