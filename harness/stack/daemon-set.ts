import type { Deadline } from "../core/deadline.ts";
import type { KubeObject } from "../kube/client.ts";
import type { StackContext } from "./component.ts";

interface WorkloadRef {
  readonly namespace: string;
  readonly name: string;
}

/** Waits until a DaemonSet runs its present template on every node. @throws DeadlineError PL_KUBE_WAIT */
export async function rolledOut(context: StackContext, ref: WorkloadRef, deadline: Deadline): Promise<void> {
  const wanted = context.cluster.nodes.length;
  await context.kube.waitFor(
    { apiVersion: "apps/v1", kind: "DaemonSet", ...ref },
    {
      what: `DaemonSet ${ref.namespace}/${ref.name} on ${wanted} nodes`,
      deadline,
      signal: context.signal,
      done: (object) => object !== undefined && isRolledOut(object, wanted),
    },
  );
}

/** Waits until a Deployment has all its pods. @throws DeadlineError PL_KUBE_WAIT */
export async function deploymentAvailable(context: StackContext, ref: WorkloadRef, deadline: Deadline): Promise<void> {
  await context.kube.waitFor(
    { apiVersion: "apps/v1", kind: "Deployment", ...ref },
    {
      what: `Deployment ${ref.namespace}/${ref.name} to be available`,
      deadline,
      signal: context.signal,
      done: (object) => {
        const { replicas = 1 } = (object?.spec ?? {}) as { readonly replicas?: number };
        const { availableReplicas = 0 } = (object?.status ?? {}) as { readonly availableReplicas?: number };
        return object !== undefined && availableReplicas >= replicas;
      },
    },
  );
}

/** @source Kubernetes, `kubectl rollout status` of a DaemonSet: generation observed, all updated, all available */
export function isRolledOut(object: KubeObject, nodes: number): boolean {
  const status = object.status as Readonly<Record<string, number>> | undefined;
  const { observedGeneration = 0, desiredNumberScheduled, updatedNumberScheduled, numberAvailable } = status ?? {};
  return (
    observedGeneration >= (object.metadata.generation ?? 0) &&
    desiredNumberScheduled === nodes &&
    updatedNumberScheduled === nodes &&
    numberAvailable === nodes
  );
}

/** The images that the pods of a DaemonSet really run: reference as written, id as the runtime tells it. */
export async function runningImages(context: StackContext, ref: WorkloadRef): Promise<{ ref: string; id: string }[]> {
  const query = { apiVersion: "v1", kind: "Pod", namespace: ref.namespace };
  const pods = (await context.kube.list(query, { signal: context.signal })).filter((pod) =>
    pod.metadata.ownerReferences?.some((owner) => owner["kind"] === "DaemonSet" && owner["name"] === ref.name),
  );
  const images = pods.flatMap((pod) => {
    const containers = (pod.spec?.["containers"] ?? []) as readonly { name: string; image: string }[];
    const statuses = (pod.status?.["containerStatuses"] ?? []) as readonly { name: string; imageID: string }[];
    return containers.map(({ name, image }) => ({
      ref: image,
      id: /sha256:[0-9a-f]{64}$/.exec(statuses.find((s) => s.name === name)?.imageID ?? "")?.[0] ?? "",
    }));
  });
  return [...new Map(images.map((image) => [`${image.ref} ${image.id}`, image])).values()];
}
