import { availableParallelism } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { Deadline } from "../core/deadline.ts";
import { messageOf, PlumblineError, subjectError } from "../core/errors.ts";
import type { KubeObject } from "../kube/client.ts";
import { NETWORK_STATUS_ANNOTATION } from "../net/network-status.ts";
import { annotationsOf, type Live } from "./declare-pod.ts";
import type { LaneContext } from "./lane-context.ts";
import type { LiveNetworks } from "./live-networks.ts";
import { observePods } from "./observe-pods.ts";
import { podManifest } from "./pod-manifest.ts";
import { isUnderWay, MOST_BOUNDS } from "./pod-progress.ts";
import { refusalOf, refusedIdentity } from "./refused-pod.ts";
import { FAILED_SETUP, isNetworksRefusal, type SetupEvent } from "./setup-failure.ts";
import type { TestPod } from "./test-pod.ts";
import { noteDevices } from "./vf-homecoming.ts";
import { containerOn, resourcesOn } from "./vf-site.ts";

/**
 * How many pods of all lanes start on a node at once: few before the first is ready, twice as many from then on. What a
 * host can do is the same either way; in turns the first of them are ready, and their cases judged, long before the last.
 */
const AT_FIRST = Math.max(2, availableParallelism());
const BRANCHES = 2;

/** A pod that takes longer no longer holds back the next: it may never become ready. */
const PATIENCE_MS = 8_000;

/** Brings up the pods of a batch in their order, and looks at those that are ready when a case asks for one. */
export class PodStarter {
  readonly #lane: LaneContext;
  readonly #networks: LiveNetworks;
  readonly #pods: readonly TestPod[];
  readonly #release: (pod: TestPod) => void;
  readonly #settled: ReadonlyMap<TestPod, Settling>;
  /** Ready, and not looked at yet. */
  readonly #ready = new Map<TestPod, KubeObject>();

  /** @param made.release called for a refused pod that no case needs any longer */
  constructor(
    lane: LaneContext,
    made: {
      readonly networks: LiveNetworks;
      readonly pods: readonly TestPod[];
      readonly release: (pod: TestPod) => void;
    },
  ) {
    const { networks, pods, release } = made;
    this.#lane = lane;
    this.#networks = networks;
    this.#release = release;
    this.#settled = new Map(pods.map((pod) => [pod, new Settling()]));
    this.#pods = pods;
  }

  /** Begins with the first pods of every node. It does not throw because of a pod: that is told to who asks for it. */
  start(): void {
    const pods = this.#pods.filter((pod) => pod.declaration.madeBy === "batch");
    for (const node of new Set(pods.map((pod) => pod.node))) {
      const queue = pods.filter((pod) => pod.node === node);
      const atFirst = Math.ceil(AT_FIRST / this.#lane.lanes);
      for (let i = 0; i < atFirst; i++) void this.#inTurn(queue, { branches: BRANCHES });
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

  /** Brings up a pod that its case makes itself, and looks at it. */
  async bringUp(pod: TestPod): Promise<void> {
    await this.#bringUp(pod);
    await this.#look();
  }

  async #bringUp(pod: TestPod): Promise<void> {
    try {
      await this.#create(pod);
      const ready = await (pod.declaration.expects === "refused" ? this.#whenRefused(pod) : this.#whenReady(pod));
      if (ready && isOnHost(pod)) pod.becameReadyOnHost();
      else if (ready) this.#ready.set(pod, ready);
    } catch (error) {
      pod.failed(
        error instanceof PlumblineError ? error : subjectError("PL_POD_REFUSED", `${pod}: ${messageOf(error)}`),
      );
    } finally {
      this.#settled.get(pod)?.resolve();
    }
  }

  async #create(pod: TestPod): Promise<void> {
    const { declaration, namespace, name, node } = pod;
    const live: Live = (network) => this.#networks.live(network);
    const annotations = annotationsOf(declaration, namespace, live);
    const container = declaration.container(live);
    const { runId, testImage: image, vfSite } = this.#lane;
    const { spec, labels } = declaration;
    const resources = resourcesOn(vfSite, declaration.resources);
    const furtherContainers = declaration.furtherContainers.map((further) => containerOn(vfSite, further));
    const own = { namespace, name, node, annotations, labels };
    const [made] = await this.#lane.kube.apply([
      podManifest({ runId, image, ...own, spec, resources, container, furtherContainers }),
    ]);
    pod.uid = made?.metadata.uid;
    pod.createdAtMs = Date.now();
  }

  /** Gives a pod whose setup goes on the bound once more: what is slow is no fault. */
  async #whenReady(pod: TestPod, signal?: AbortSignal): Promise<KubeObject> {
    const { kube, podReadyMs } = this.#lane;
    const { namespace, name } = pod;
    for (let bounds = 1; ; bounds++) {
      const object = await this.#readyWithin(podReadyMs, pod, signal);
      if (object) return object;
      const goesOn = bounds < MOST_BOUNDS && isUnderWay(await kube.events({ namespace, name }));
      if (!goesOn) throw await this.#whyNotReady(pod, bounds * podReadyMs);
    }
  }

  async #readyWithin(boundMs: number, pod: TestPod, signal?: AbortSignal): Promise<KubeObject | undefined> {
    const ref = { apiVersion: "v1", kind: "Pod", namespace: pod.namespace, name: pod.name };
    try {
      return await this.#lane.kube.waitFor(ref, {
        what: `pod ${pod} to be ready`,
        deadline: Deadline.in(boundMs),
        signal,
        done: (seen) => seen !== undefined && isSettled(seen, pod),
      });
    } catch (error) {
      if (error instanceof PlumblineError && error.code === "PL_KUBE_WAIT") return undefined;
      throw error;
    }
  }

  /** Waits until an event tells that its setup failed. @returns the pod, if it became ready instead */
  async #whenRefused(pod: TestPod): Promise<KubeObject | undefined> {
    const first = new AbortController();
    const { signal } = first;
    const ready = this.#whenReady(pod, signal);
    const refused = this.#lane.kube.waitForList(eventQuery(pod), {
      what: `pod ${pod} to be refused`,
      deadline: Deadline.in(this.#lane.podReadyMs),
      signal,
      done: (events) => events.some((event) => isNetworksRefusal(setupEvent(event))),
    });
    try {
      const object = await Promise.race([ready, refused.then(() => undefined)]);
      if (object) return object;
    } finally {
      first.abort();
      await Promise.allSettled([ready, refused]);
    }
    const outcome = await refusalOf(this.#lane.kube, pod);
    pod.refused(outcome, await this.#whyNotReady(pod, this.#lane.podReadyMs));
    pod.identity = refusedIdentity(pod, outcome.sandboxIds, this.#lane.clusterNetwork);
    await noteDevices(this.#lane, [pod]);
    if (!pod.declaration.stays) void this.#releaseOnceToldWhy(pod);
    return undefined;
  }

  /**
   * Multus may tell of a refusal before the kubelet does, which tells nothing more of a pod that is being deleted; and the
   * kubelet tells of setups first that failed for another reason, a host too slow, say.
   */
  async #releaseOnceToldWhy(pod: TestPod): Promise<void> {
    const told = this.#lane.kube.waitForList(eventQuery(pod), {
      what: `the kubelet to tell why ${pod} was refused`,
      deadline: Deadline.in(this.#lane.podReadyMs),
      done: (events) =>
        events.map(setupEvent).some((event) => event.reason === FAILED_SETUP && isNetworksRefusal(event)),
    });
    await told.catch(() => undefined); // then the pod goes all the same: its cases say what they miss
    this.#release(pod);
  }

  async #whyNotReady(pod: TestPod, waitedMs: number): Promise<PlumblineError> {
    const { kube } = this.#lane;
    const { namespace, name } = pod;
    const [object, events] = await Promise.all([
      kube.get({ apiVersion: "v1", kind: "Pod", namespace, name }),
      kube.events({ namespace, name }),
    ]);
    pod.lastObject = object;
    const last = events.filter((event) => event.type === "Warning").at(-1) ?? events.at(-1);
    const phase = (object?.status?.["phase"] as string | undefined) ?? "not in the API";
    const why = last ? `${last.reason}: ${last.message}` : "no event tells why";
    // Only a refused attachment is the plugins' doing; a pod that was not scheduled or has no image is ours.
    const blamed = events.some(isNetworksRefusal);
    return new PlumblineError({
      code: "PL_POD_NOT_READY",
      kind: blamed ? "subject" : "harness",
      message: `pod ${pod} was not ready after ${waitedMs / 1000} s (${phase}): ${why}`,
      context: { observed: events.map((event) => `${event.reason}: ${event.message}`), expected: "Ready" },
    });
  }

  /** Waits until each of the pods has been looked at, or has failed. One look serves all that are ready by then. */
  async seen(pods: readonly TestPod[]): Promise<void> {
    const ofBatch = pods.filter((pod) => pod.declaration.madeBy === "batch");
    await Promise.all(ofBatch.flatMap((pod) => this.#settled.get(pod)?.done ?? []));
    if (pods.some((pod) => this.#ready.has(pod))) await this.#look();
  }

  /** Looks at a ready pod once more. */
  async lookAgain(pod: TestPod): Promise<void> {
    await observePods(this.#lane, [{ pod, object: await this.#whenReady(pod) }]);
  }

  async #look(): Promise<void> {
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

/** Multus has no part in a pod that runs in the network of its node. */
function isOnHost({ declaration }: TestPod): boolean {
  return declaration.spec["hostNetwork"] === true;
}

function eventQuery({ namespace, name }: TestPod) {
  return { apiVersion: "v1", kind: "Event", namespace, fieldSelector: `involvedObject.name=${name}` };
}

function setupEvent(event: KubeObject): SetupEvent {
  return { reason: String(event["reason"]), message: String(event["message"]) };
}

/** Ready, and Multus has written what it did: it does so before the runtime starts the container. */
function isSettled(object: KubeObject, pod: TestPod): boolean {
  const conditions = (object.status?.["conditions"] ?? []) as { type: string; status: string }[];
  const ready = conditions.some((c) => c.type === "Ready" && c.status === "True");
  const hasStatus = object.metadata.annotations?.[NETWORK_STATUS_ANNOTATION] !== undefined;
  return ready && (hasStatus || isOnHost(pod) || pod.declaration.mayLackStatus);
}
