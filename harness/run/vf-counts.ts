import type { KubeObject } from "../kube/client.ts";

/** Extended resources that a node has to give, as the API tells: Kubernetes' own names have no prefix, or one of its own. */
export function advertisedBy({ status }: KubeObject): Readonly<Record<string, number>> {
  const allocatable = Object.entries((status?.["allocatable"] ?? {}) as Readonly<Record<string, string>>);
  const extended = allocatable.filter(([name]) => name.includes("/") && !/(^|\.)kubernetes\.io\//.test(name));
  return Object.fromEntries(extended.map(([name, count]) => [name, Number(count)]));
}

/** How many devices no pod of the node has asked for: what a pod that has ended had is given again. */
export function freeOn(
  node: string,
  resource: string,
  { allocatable, pods }: { readonly allocatable: number; readonly pods: readonly KubeObject[] },
): number {
  const here = pods.filter(
    ({ spec, status }) =>
      spec?.["nodeName"] === node && status?.["phase"] !== "Succeeded" && status?.["phase"] !== "Failed",
  );
  return here.reduce((left, pod) => left - askedBy(pod, resource), allocatable);
}

interface Container {
  readonly resources?: { readonly limits?: Readonly<Record<string, string | number>> };
}

function askedBy({ spec }: KubeObject, resource: string): number {
  const containers = (spec?.["containers"] ?? []) as readonly Container[];
  return containers.reduce((sum, { resources }) => sum + Number(resources?.limits?.[resource] ?? 0), 0);
}
