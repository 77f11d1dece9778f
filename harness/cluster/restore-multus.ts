import { isDeepStrictEqual } from "node:util";
import type { Deadline } from "../core/deadline.ts";
import type { KubeClient, KubeObject } from "../kube/client.ts";
import { isReady } from "../kube/is-ready.ts";
import { MULTUS_DAEMON_CONFIG, MULTUS_PODS } from "./multus-objects.ts";

export type MultusConfig = Readonly<Record<string, unknown>>;

/** What the daemon is configured with. @returns undefined where it has no configuration of its own */
export async function multusConfig(kube: Pick<KubeClient, "get">): Promise<MultusConfig | undefined> {
  const data = (await kube.get(MULTUS_DAEMON_CONFIG))?.["data"];
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
  if (!isDeepStrictEqual(now, config)) await kube.patch(MULTUS_DAEMON_CONFIG, { data: config }, { type: "merge" });
  const restarted = (await kube.list(MULTUS_PODS)).filter(({ metadata }) => (metadata.creationTimestamp ?? "") > since);
  const { apiVersion, kind, namespace } = MULTUS_PODS;
  await Promise.all(restarted.map(({ metadata: { name } }) => kube.delete({ apiVersion, kind, namespace, name })));
  const gone = new Set(restarted.map(({ metadata }) => metadata.uid));
  const nodes = new Set(restarted.map(nodeOf));
  await kube.waitForList(MULTUS_PODS, {
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
