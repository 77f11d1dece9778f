import { Deadline } from "../core/deadline.ts";
import { until } from "../core/until.ts";
import type { KubeObject } from "../kube/client.ts";
import type { CaseKube } from "./define.ts";
import type { CaseNode } from "./case-node.ts";

/** @source whereabouts v0.9.2, doc/crds/daemonset-install.yaml */
const NAMESPACE = "kube-system";
const DAEMON_SET = { apiVersion: "apps/v1", kind: "DaemonSet", namespace: NAMESPACE, name: "whereabouts" } as const;
const PODS = { apiVersion: "v1", kind: "Pod", namespace: NAMESPACE, labelSelector: "name=whereabouts" } as const;
const CONFIG = { apiVersion: "v1", kind: "ConfigMap", namespace: NAMESPACE, name: "whereabouts-config" } as const;
const SCHEDULE = "cron-expression";
const EVERY_MINUTE = "* * * * *";

/** No node has it. */
const NOWHERE = { "plumbline.dev/nowhere": "" };

const ROLLOUT_MS = 90_000;

/**
 * The pods of whereabouts, which install it, hear of the end of pods, and look from time to time for what is held in
 * vain. A case that changes something here disturbs the cluster; with the batch it is put back.
 */
export class WhereaboutsDaemon {
  readonly #kube: CaseKube;
  readonly #atEnd: CaseNode["atEnd"];

  /** @param node any: what is changed is put back when it is closed */
  constructor(node: CaseNode, kube: CaseKube) {
    this.#kube = kube;
    this.#atEnd = (undo) => node.atEnd(undo);
  }

  /** Has it look each minute. The first look comes within two minutes: nothing tells when. */
  async lookEveryMinute(): Promise<void> {
    const before = await this.#schedule();
    if (before === EVERY_MINUTE) return;
    this.#atEnd(() => this.#lookAt(before));
    await this.#lookAt(EVERY_MINUTE);
  }

  /** Takes its pods off the nodes. What they have installed stays, but their credentials end with them. */
  async stop(): Promise<void> {
    this.#atEnd(() => this.start());
    await this.#place({ nodeSelector: NOWHERE });
    await this.#whenPods("to be gone", (pods) => pods.length === 0);
  }

  /** Puts them back, and waits until they run. */
  async start(): Promise<void> {
    await this.#place({ nodeSelector: null });
    const nodes = (await this.#kube.list({ apiVersion: "v1", kind: "Node" })).length;
    await this.#whenPods("to run", (pods) => pods.length === nodes && pods.every(isReady));
  }

  async #schedule(): Promise<string | undefined> {
    const config = await this.#kube.get(CONFIG);
    return (config?.["data"] as Readonly<Record<string, string>> | undefined)?.[SCHEDULE];
  }

  async #lookAt(times: string | undefined): Promise<void> {
    await this.#kube.patch(CONFIG, { data: { [SCHEDULE]: times ?? null } }, { type: "merge" });
    // the kubelet brings the files of a pod up to date when the pod changes, and else when it comes round to it
    const body = { metadata: { annotations: { "plumbline.dev/schedule": times ?? "" } } };
    const pods = await this.#kube.list(PODS);
    await Promise.all(
      pods.map(async ({ metadata: { name } }) =>
        this.#kube.patch({ apiVersion: "v1", kind: "Pod", namespace: NAMESPACE, name }, body, { type: "merge" }),
      ),
    );
  }

  async #place(spec: Readonly<Record<string, unknown>>): Promise<void> {
    await this.#kube.patch(DAEMON_SET, { spec: { template: { spec } } }, { type: "merge" });
  }

  async #whenPods(what: string, done: (pods: readonly KubeObject[]) => boolean): Promise<void> {
    await until(async () => this.#kube.list(PODS), {
      what: `the pods of whereabouts ${what}`,
      deadline: Deadline.in(ROLLOUT_MS),
      intervalMs: 500,
      done,
    });
  }
}

function isReady({ metadata, status }: KubeObject): boolean {
  const conditions = (status?.["conditions"] ?? []) as readonly { readonly type: string; readonly status: string }[];
  return (
    metadata.deletionTimestamp === undefined &&
    conditions.some((condition) => condition.type === "Ready" && condition.status === "True")
  );
}
