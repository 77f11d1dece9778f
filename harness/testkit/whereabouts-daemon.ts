import { Deadline } from "../core/deadline.ts";
import { harnessError } from "../core/errors.ts";
import { until } from "../core/until.ts";
import type { KubeObject } from "../kube/client.ts";
import { isReady } from "../kube/is-ready.ts";
import type { CaseKube } from "./define.ts";
import { CNI_CONF_DIR } from "../nodes/cni-folders.ts";
import type { CaseNode } from "./case-node.ts";

/** @source whereabouts v0.9.2, doc/crds/daemonset-install.yaml */
const NAMESPACE = "kube-system";
const PODS = { apiVersion: "v1", kind: "Pod", namespace: NAMESPACE, labelSelector: "name=whereabouts" } as const;
const CONFIG = { apiVersion: "v1", kind: "ConfigMap", namespace: NAMESPACE, name: "whereabouts-config" } as const;
const SCHEDULE = "cron-expression";
const EVERY_MINUTE = "* * * * *";
const DAEMON_SET = { apiVersion: "apps/v1", kind: "DaemonSet", namespace: NAMESPACE, name: "whereabouts" } as const;
/** A label that no node has. */
const NOWHERE = "plumbline.dev/nowhere";
const ROLLOUT_MS = 90_000;

/** How the plugin on a node reaches the API; the daemon writes it anew when it starts. */
const KUBECONFIG = `${CNI_CONF_DIR}/whereabouts.d/whereabouts.kubeconfig`;
const CUT_OFF = `
cp -p "$1" "$1.plumbline-kept"
sed -i 's|server: .*|server: https://127.0.0.1:1|' "$1"`;
const CONNECT = 'if [ -e "$1.plumbline-kept" ]; then mv -f "$1.plumbline-kept" "$1"; fi';

/**
 * The pods of whereabouts, which install it, hear of the end of pods, and look from time to time for what is held in
 * vain. A case that changes something here disturbs the cluster; with the batch it is put back.
 */
export class WhereaboutsDaemon {
  readonly #kube: CaseKube;
  readonly #node: CaseNode;

  /** @param node what is changed is put back when it is closed; which one it is matters to `leave` alone */
  constructor(node: CaseNode, kube: CaseKube) {
    this.#kube = kube;
    this.#node = node;
  }

  /** Ends its pods on all nodes, and has the plugin of this node reach no API. */
  async leave(): Promise<void> {
    this.#node.atEnd(() => this.comeBack());
    await this.#selectNodes({ [NOWHERE]: "true" });
    await this.#runs((pods) => pods.length === 0, "the pods of whereabouts to be gone");
    await this.#script(CUT_OFF);
  }

  /** Undoes `leave`, and waits until its pods are ready. */
  async comeBack(): Promise<void> {
    await this.#script(CONNECT);
    await this.#selectNodes({ [NOWHERE]: null });
    await this.#runs((pods) => pods.length > 0 && pods.every(isReady), "the pods of whereabouts to be ready");
  }

  async #script(script: string): Promise<void> {
    const { exitCode, stderr } = await this.#node.shell(script, KUBECONFIG);
    if (exitCode === 0) return;
    throw harnessError("PL_NODE_EXEC", `${KUBECONFIG} on node ${this.#node.name} cannot be changed: ${stderr.trim()}`);
  }

  async #selectNodes(nodeSelector: Readonly<Record<string, string | null>>): Promise<void> {
    await this.#kube.patch(DAEMON_SET, { spec: { template: { spec: { nodeSelector } } } }, { type: "merge" });
  }

  async #runs(done: (pods: readonly KubeObject[]) => boolean, what: string): Promise<void> {
    await until(async () => this.#kube.list(PODS), {
      what,
      deadline: Deadline.in(ROLLOUT_MS),
      done,
      describe: (pods) => pods.map(({ metadata: { name }, status }) => ({ name, is: status?.["containerStatuses"] })),
    });
  }

  /** Has it look each minute. The first look comes within two minutes: nothing tells when. */
  async lookEveryMinute(): Promise<void> {
    const before = await this.#schedule();
    if (before === EVERY_MINUTE) return;
    this.#node.atEnd(() => this.#lookAt(before));
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
