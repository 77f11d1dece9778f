import { Deadline } from "../core/deadline.ts";
import { PlumblineError, subjectError } from "../core/errors.ts";
import { NETWORK_STATUS_ANNOTATION } from "../net/network-status.ts";
import type { KubeObject } from "../kube/client.ts";
import type { RegisteredSuite } from "./define.ts";
import type { LaneContext } from "./lane-context.ts";
import { LiveNetworks } from "./live-networks.ts";
import { annotationOf } from "./declare-pod.ts";
import { observePods } from "./observe-pods.ts";
import { PodTeardown } from "./pod-teardown.ts";
import { ownLabels, podManifest } from "./pod-manifest.ts";
import { TestPod } from "./test-pod.ts";

/**
 * The pods of some suites, created together. It never throws because of one pod: what became of each is told to the
 * cases that use it.
 */
export class Batch {
  readonly #lane: LaneContext;
  readonly #networks: LiveNetworks;
  readonly #pods: ReadonlyMap<object, TestPod>;
  readonly #teardown: PodTeardown;

  /** @param suites with the selected cases only */
  constructor(lane: LaneContext, suites: readonly RegisteredSuite[]) {
    this.#lane = lane;
    this.#networks = new LiveNetworks(lane);
    this.#teardown = new PodTeardown(lane, () => this.pods);
    this.#pods = this.#declare(suites);
  }

  get pods(): readonly TestPod[] {
    return [...this.#pods.values()];
  }

  /** The pod of a declaration. */
  podOf(declaration: object): TestPod {
    const found = this.#pods.get(declaration);
    if (!found) throw new Error("a case asks for a pod that none of the selected cases declares");
    return found;
  }

  #declare(suites: readonly RegisteredSuite[]): ReadonlyMap<object, TestPod> {
    const makers = new Map<object, string[]>();
    for (const { definition } of suites.flatMap((suite) => suite.cases)) {
      for (const declaration of Object.values(definition.pods)) {
        makers.set(declaration, [...(makers.get(declaration) ?? []), definition.id]);
      }
    }
    const declarations = new Set(suites.flatMap((s) => s.cases.flatMap((c) => Object.values(c.definition.pods))));
    const { own } = this.#lane.namespaces;
    return new Map(
      [...declarations].map((declaration, i) => {
        const attachments = declaration.attachments.map((request) => {
          const network = this.#networks.live(request.network);
          return { request, network, nad: `${network.namespace}/${network.name}` };
        });
        const node = this.#lane.podNodes[i % this.#lane.podNodes.length] ?? "";
        const name = this.#networks.unique(declaration.key);
        const madeBy = makers.get(declaration) ?? [];
        const driver = this.#teardown;
        return [declaration, new TestPod({ declaration, namespace: own, name, node, attachments, madeBy, driver })];
      }),
    );
  }

  /** Creates everything, waits until each pod is ready or the bound has passed, and looks at all of them once. */
  async create(): Promise<void> {
    await this.#lane.kube.apply(this.#networks.manifests());
    await Promise.all(this.pods.map((pod) => this.#createPod(pod)));
    const objects = await this.#waitForReady();
    const ready: { pod: TestPod; object: KubeObject }[] = [];
    for (const pod of this.pods) {
      if (pod.failure) continue;
      const object = objects.find((o) => o.metadata.name === pod.name);
      pod.uid = object?.metadata.uid;
      if (object && isSettled(object)) ready.push({ pod, object });
      else pod.failed(await this.#whyNotReady(pod, object));
    }
    await observePods(this.#lane, ready);
  }

  async #createPod(pod: TestPod): Promise<void> {
    const networks = annotationOf(pod.declaration, pod.namespace, (network) => this.#networks.live(network));
    const { runId, testImage: image } = this.#lane;
    try {
      await this.#lane.kube.apply([
        podManifest({ runId, image, namespace: pod.namespace, name: pod.name, node: pod.node, networks }),
      ]);
    } catch (error) {
      pod.failed(error instanceof PlumblineError ? error : subjectError("PL_POD_REFUSED", `${pod}: ${String(error)}`));
    }
  }

  async #waitForReady(): Promise<readonly KubeObject[]> {
    const wanted = new Set(this.pods.filter((pod) => !pod.failure).map((pod) => pod.name));
    const query = {
      apiVersion: "v1",
      kind: "Pod",
      namespace: this.#lane.namespaces.own,
      labelSelector: Object.entries(ownLabels(this.#lane.runId))
        .map(([key, value]) => `${key}=${value}`)
        .join(","),
    };
    try {
      return await this.#lane.kube.waitForList(query, {
        what: `${wanted.size} pods of lane namespace ${query.namespace} to be ready`,
        deadline: Deadline.in(this.#lane.podReadyMs),
        done: (objects) => objects.filter((o) => wanted.has(o.metadata.name) && isSettled(o)).length === wanted.size,
      });
    } catch (error) {
      if (!(error instanceof PlumblineError) || error.code !== "PL_KUBE_WAIT") throw error;
      return this.#lane.kube.list(query);
    }
  }

  async #whyNotReady(pod: TestPod, object: KubeObject | undefined): Promise<PlumblineError> {
    const events = await this.#lane.kube.events({ namespace: pod.namespace, name: pod.name });
    const last = events.filter((event) => event.type === "Warning").at(-1) ?? events.at(-1);
    const phase = (object?.status?.["phase"] as string | undefined) ?? "not in the API";
    const why = last ? `${last.reason}: ${last.message}` : "no event tells why";
    // Only a refused attachment is the plugins' doing; a pod that was not scheduled or has no image is ours.
    const blamed = events.some(
      (event) => event.reason === "FailedCreatePodSandBox" || event.reason === "NoNetworkFound",
    );
    return new PlumblineError({
      code: "PL_POD_NOT_READY",
      kind: blamed ? "subject" : "harness",
      message: `pod ${pod} was not ready after ${this.#lane.podReadyMs / 1000} s (${phase}): ${why}`,
      context: { observed: events.map((event) => `${event.reason}: ${event.message}`), expected: "Ready" },
    });
  }

  /** Deletes what is left and judges every pod's residue. */
  async remove(): Promise<void> {
    await this.#teardown.deleteAll();
    await this.#teardown.judgeAll();
    await this.#teardown.tidy();
    await this.#networks.removeFromNodes();
  }
}

/** Ready, and Multus has written what it did: it does so before the runtime starts the container. */
function isSettled(object: KubeObject): boolean {
  const conditions = (object.status?.["conditions"] ?? []) as { type: string; status: string }[];
  const ready = conditions.some((c) => c.type === "Ready" && c.status === "True");
  return ready && object.metadata.annotations?.[NETWORK_STATUS_ANNOTATION] !== undefined;
}
