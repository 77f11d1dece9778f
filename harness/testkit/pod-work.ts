import { harnessError } from "../core/errors.ts";
import type { KubeEvent, KubeObject } from "../kube/client.ts";
import { CaseNode, type Said } from "./case-node.ts";
import type { LaneContext } from "./lane-context.ts";
import { MAIN_CONTAINER } from "./pod-manifest.ts";
import type { PodStarter } from "./pod-starter.ts";
import type { PodTeardown } from "./pod-teardown.ts";
import type { Deletion, PodDriver, ResidueLeft, TestPod } from "./test-pod.ts";

const EXEC_TIMEOUT_MS = 30_000;

/** What a pod can be asked to do, put together of what starts pods and what takes them down. */
export class PodWork implements PodDriver {
  readonly #lane: LaneContext;
  readonly #parts: () => { readonly starter: PodStarter; readonly teardown: PodTeardown };

  constructor(lane: LaneContext, parts: () => { readonly starter: PodStarter; readonly teardown: PodTeardown }) {
    this.#lane = lane;
    this.#parts = parts;
  }

  async create(pod: TestPod): Promise<void> {
    await this.#parts().starter.bringUp(pod);
  }

  async lookAgain(pod: TestPod): Promise<void> {
    await this.#parts().starter.lookAgain(pod);
  }

  async events({ namespace, name }: TestPod): Promise<readonly KubeEvent[]> {
    return this.#lane.kube.events({ namespace, name });
  }

  async object({ namespace, name }: TestPod): Promise<KubeObject | undefined> {
    return this.#lane.kube.get({ apiVersion: "v1", kind: "Pod", namespace, name });
  }

  async exec({ namespace, name }: TestPod, argv: readonly string[]): Promise<Said> {
    const { exitCode, stdout, stderr } = await this.#lane.kube.exec({
      namespace,
      pod: name,
      container: MAIN_CONTAINER,
      argv,
      timeoutMs: EXEC_TIMEOUT_MS,
      okExitCodes: "any",
    });
    return { exitCode: exitCode ?? -1, stdout, stderr };
  }

  node(pod: TestPod): CaseNode {
    const transport = this.#lane.nodes.get(pod.node);
    if (transport) return new CaseNode(transport);
    throw harnessError("PL_NO_NODE", `no way onto node ${pod.node}`);
  }

  async delete(pod: TestPod, options: { readonly how: Deletion }): Promise<void> {
    await this.#parts().teardown.delete(pod, options);
  }

  async whenGone(pod: TestPod): Promise<void> {
    await this.#parts().teardown.whenGone(pod);
  }

  async residueLeft(pod: TestPod, kind?: string): Promise<readonly ResidueLeft[]> {
    return this.#parts().teardown.residueLeft(pod, kind);
  }

  async attachmentResidueLeft(pod: TestPod): Promise<readonly ResidueLeft[]> {
    return this.#parts().teardown.attachmentResidueLeft(pod);
  }

  async leasesLeft(pod: TestPod): Promise<readonly string[]> {
    return this.#parts().teardown.leasesLeft(pod);
  }
}
