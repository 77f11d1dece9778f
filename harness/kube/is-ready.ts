import type { KubeObject } from "./kube-object.ts";

/** Whether a pod or a node has the condition Ready. */
export function isReady({ status }: Pick<KubeObject, "status">): boolean {
  const conditions = (status?.["conditions"] ?? []) as readonly { readonly type: string; readonly status: string }[];
  return conditions.some((condition) => condition.type === "Ready" && condition.status === "True");
}
