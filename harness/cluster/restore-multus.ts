import { isDeepStrictEqual } from "node:util";
import type { Deadline } from "../core/deadline.ts";
import type { KubeClient, KubeObject } from "../kube/client.ts";
import { isReady } from "../kube/is-ready.ts";

/** @source multus-cni v4.3.0, deployments/multus-daemonset-thick.yml */
const CONFIG = { apiVersion: "v1", kind: "ConfigMap", namespace: "kube-system", name: "multus-daemon-config" } as const;
const PODS = { apiVersion: "v1", kind: "Pod", namespace: "kube-system", labelSelector: "name=multus" } as const;

export type MultusConfig = Readonly<Record<string, unknown>>;

/** What the daemon is configured with. @returns undefined where it has no configuration of its own */
export async function multusConfig(kube: Pick<KubeClient, "get">): Promise<MultusConfig | undefined> {
  const data = (await kube.get(CONFIG))?.["data"];
  return typeof data === "object" && data !== null ? (data as MultusConfig) : undefined;
}

/**
 * Undoes what cases that disturb had done when their run was killed: the configuration as it was, and daemons that read
 * it anew where one was restarted meanwhile, for it may run with another.
 * @param since ISO 8601, when the run began
 */
export async function restoreMultus(
  kube: KubeClient,
  { config, since, deadline }: { readonly config: MultusConfig; readonly since: string; readonly deadline: Deadline },
): Promise<void> {
  const now = await multusConfig(kube);
  if (!isDeepStrictEqual(now, config)) await kube.patch(CONFIG, { data: config }, { type: "merge" });
  const restarted = (await kube.list(PODS)).filter(({ metadata }) => (metadata.creationTimestamp ?? "") > since);
  const { apiVersion, kind, namespace } = PODS;
  await Promise.all(restarted.map(({ metadata: { name } }) => kube.delete({ apiVersion, kind, namespace, name })));
  const gone = new Set(restarted.map(({ metadata }) => metadata.uid));
  const nodes = new Set(restarted.map(nodeOf));
  await kube.waitForList(PODS, {
    what: `Multus to run again on ${[...nodes].join(", ") || "no node"}`,
    deadline,
    done: (pods) =>
      [...nodes].every((node) =>
        pods.some((pod) => nodeOf(pod) === node && !gone.has(pod.metadata.uid) && isReady(pod)),
      ),
  });
}

function nodeOf(pod: KubeObject): unknown {
  return pod.spec?.["nodeName"];
}
