import { availableParallelism } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { Deadline } from "../core/deadline.ts";
import { messageOf, PlumblineError, subjectError } from "../core/errors.ts";
import type { KubeObject } from "../kube/client.ts";
import { NETWORK_STATUS_ANNOTATION } from "../net/network-status.ts";
import { annotationOf } from "./declare-pod.ts";
import type { LaneContext } from "./lane-context.ts";
import type { LiveNetworks } from "./live-networks.ts";
import { observePods } from "./observe-pods.ts";
import { podManifest } from "./pod-manifest.ts";
import type { TestPod } from "./test-pod.ts";

/**
 * How many pods of a batch start on a node at once: few before the first is ready, more from then on. What a host can do
 * is the same either way; in turns the first of them are ready, and their cases judged, long before the last.
 */
const AT_FIRST = Math.max(2, availableParallelism());
const THEN = 2 * AT_FIRST;

/** A pod that takes longer no longer holds back the next: it may never become ready. */
const PATIENCE_MS = 8_000;

/** Brings up the pods of a batch in their order, and looks at those that are ready when a case asks for one. */
export class PodStarter {
  readonly #lane: LaneContext;
  readonly #networks: LiveNetworks;
  readonly #settled: ReadonlyMap<TestPod, Settling>;
  /** Ready, and not looked at yet. */
  readonly #ready = new Map<TestPod, KubeObject>();

  constructor(lane: LaneContext, networks: LiveNetworks, pods: readonly TestPod[]) {
    this.#lane = lane;
    this.#networks = networks;
    this.#settled = new Map(pods.map((pod) => [pod, new Settling()]));
  }

  /** Begins with the first pods of every node. It does not throw because of a pod: that is told to who asks for it. */
  start(): void {
    for (const node of new Set([...this.#settled.keys()].map((pod) => pod.node))) {
      const queue = [...this.#settled.keys()].filter((pod) => pod.node === node);
      for (let i = 0; i < AT_FIRST; i++) void this.#inTurn(queue, { branches: THEN / AT_FIRST });
    }
  }

  /** Brings up one pod after the other; after the first it goes on in that many branches. */
  async #inTurn(queue: TestPod[], { branches }: { readonly branches: number }): Promise<void> {
    const pod = queue.shift();
    if (!pod) return;
    const patience = new AbortController();
    const settled = this.#bringUp(pod).finally(() => patience.abort());
    await Promise.race([settled, delay(PATIENCE_MS, undefined, { signal: patience.signal }).catch(() => undefined)]);
    await Promise.all(Array.from({ length: branches }, async () => this.#inTurn(queue, { branches: 1 })));
  }

  async #bringUp(pod: TestPod): Promise<void> {
    try {
      await this.#create(pod);
      this.#ready.set(pod, await this.#whenReady(pod));
    } catch (error) {
      pod.failed(
        error instanceof PlumblineError ? error : subjectError("PL_POD_REFUSED", `${pod}: ${messageOf(error)}`),
      );
    } finally {
      this.#settled.get(pod)?.resolve();
    }
  }

  async #create(pod: TestPod): Promise<void> {
    const networks = annotationOf(pod.declaration, pod.namespace, (network) => this.#networks.live(network));
    const { runId, testImage: image } = this.#lane;
    const [made] = await this.#lane.kube.apply([
      podManifest({ runId, image, namespace: pod.namespace, name: pod.name, node: pod.node, networks }),
    ]);
    pod.uid = made?.metadata.uid;
  }

  async #whenReady(pod: TestPod): Promise<KubeObject> {
    const ref = { apiVersion: "v1", kind: "Pod", namespace: pod.namespace, name: pod.name };
    try {
      const object = await this.#lane.kube.waitFor(ref, {
        what: `pod ${pod} to be ready`,
        deadline: Deadline.in(this.#lane.podReadyMs),
        done: (seen) => seen !== undefined && isSettled(seen),
      });
      if (object) return object;
    } catch (error) {
      if (!(error instanceof PlumblineError) || error.code !== "PL_KUBE_WAIT") throw error;
    }
    throw await this.#whyNotReady(pod);
  }

  async #whyNotReady(pod: TestPod): Promise<PlumblineError> {
    const { kube, podReadyMs } = this.#lane;
    const { namespace, name } = pod;
    const [object, events] = await Promise.all([
      kube.get({ apiVersion: "v1", kind: "Pod", namespace, name }),
      kube.events({ namespace, name }),
    ]);
    const last = events.filter((event) => event.type === "Warning").at(-1) ?? events.at(-1);
    const phase = (object?.status?.["phase"] as string | undefined) ?? "not in the API";
    const why = last ? `${last.reason}: ${last.message}` : "no event tells why";
    // Only a refused attachment is the plugins' doing; a pod that was not scheduled or has no image is ours.
    const blamed = events.some(({ reason }) => reason === "FailedCreatePodSandBox" || reason === "NoNetworkFound");
    return new PlumblineError({
      code: "PL_POD_NOT_READY",
      kind: blamed ? "subject" : "harness",
      message: `pod ${pod} was not ready after ${podReadyMs / 1000} s (${phase}): ${why}`,
      context: { observed: events.map((event) => `${event.reason}: ${event.message}`), expected: "Ready" },
    });
  }

  /** Waits until each of the pods has been looked at, or has failed. One look serves all that are ready by then. */
  async seen(pods: readonly TestPod[]): Promise<void> {
    await Promise.all(pods.flatMap((pod) => this.#settled.get(pod)?.done ?? []));
    if (!pods.some((pod) => this.#ready.has(pod))) return;
    const ready = [...this.#ready].map(([pod, object]) => ({ pod, object }));
    this.#ready.clear();
    await observePods(this.#lane, ready);
  }
}

/** The moment at which it is known what became of a pod. */
class Settling {
  readonly done: Promise<void>;
  resolve!: () => void;

  constructor() {
    this.done = new Promise((resolve) => (this.resolve = resolve));
  }
}

/** Ready, and Multus has written what it did: it does so before the runtime starts the container. */
function isSettled(object: KubeObject): boolean {
  const conditions = (object.status?.["conditions"] ?? []) as { type: string; status: string }[];
  const ready = conditions.some((c) => c.type === "Ready" && c.status === "True");
  return ready && object.metadata.annotations?.[NETWORK_STATUS_ANNOTATION] !== undefined;
}
