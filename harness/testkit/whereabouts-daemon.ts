import type { CaseKube } from "./define.ts";
import type { CaseNode } from "./case-node.ts";

/** @source whereabouts v0.9.2, doc/crds/daemonset-install.yaml */
const NAMESPACE = "kube-system";
const PODS = { apiVersion: "v1", kind: "Pod", namespace: NAMESPACE, labelSelector: "name=whereabouts" } as const;
const CONFIG = { apiVersion: "v1", kind: "ConfigMap", namespace: NAMESPACE, name: "whereabouts-config" } as const;
const SCHEDULE = "cron-expression";
const EVERY_MINUTE = "* * * * *";

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
}
