import type { RegisteredSuite } from "./define.ts";
import type { LaneContext } from "./lane-context.ts";
import type { CaseNetwork } from "./case-network.ts";
import { CaseNode } from "./case-node.ts";
import type { NetworkDeclaration } from "./declare-network.ts";
import { LiveNetworks } from "./live-networks.ts";
import { networksOf } from "./networks-of.ts";
import { Placement } from "./placement.ts";
import { PodStarter } from "./pod-starter.ts";
import { PodTeardown } from "./pod-teardown.ts";
import { PodWork } from "./pod-work.ts";
import { TestPod } from "./test-pod.ts";
import { judgeVfs } from "./vf-homecoming.ts";

/**
 * The pods of some suites, created together. It never throws because of one pod: what became of each is told to the
 * cases that use it.
 */
export class Batch {
  readonly #lane: LaneContext;
  readonly #networks: LiveNetworks;
  readonly #pods: ReadonlyMap<object, TestPod>;
  readonly #teardown: PodTeardown;
  readonly #starter: PodStarter;
  /** The nodes that pods are put on. */
  readonly nodes: readonly CaseNode[];
  readonly otherNodes: readonly CaseNode[];
  #peer: Promise<{ readonly node: CaseNode; readonly stop: () => Promise<void> }> | undefined;
  /** How many of the cases that use a pod have not ended. */
  readonly #users = new Map<TestPod, number>();
  #began = false;
  #resting: Promise<void> | undefined;

  /** @param suites with the selected cases only */
  constructor(lane: LaneContext, suites: readonly RegisteredSuite[]) {
    this.#lane = lane;
    this.#networks = new LiveNetworks(lane);
    const caseNodes = [...lane.nodes].map(
      ([name, transport]) => [name, new CaseNode(transport, lane.subject?.name)] as const,
    );
    this.nodes = lane.podNodes.flatMap((name) => new Map(caseNodes).get(name) ?? []);
    this.otherNodes = caseNodes.flatMap(([name, node]) => (lane.podNodes.includes(name) ? [] : [node]));
    this.#teardown = new PodTeardown(lane, () => this.pods);
    for (const { definition } of suites.flatMap((suite) => suite.cases)) {
      for (const declaration of networksOf(definition)) this.#networks.live(declaration);
    }
    this.#pods = this.#declare(suites);
    for (const pod of this.pods) this.#users.set(pod, pod.madeBy.length);
    this.#starter = new PodStarter(lane, {
      networks: this.#networks,
      pods: this.pods,
      release: (pod) => this.#teardown.release(pod),
    });
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
    const driver = new PodWork(this.#lane, () => ({ starter: this.#starter, teardown: this.#teardown }));
    const placed = new Placement(this.#lane);
    const { vfSite } = this.#lane;
    return new Map(
      [...declarations].map((declaration) => {
        const attachments = declaration.attachments.map((request) => {
          const network = this.#networks.live(request.network);
          return { request, network, nad: `${network.namespace}/${network.name}` };
        });
        const node = placed.nodeFor(declaration);
        const name = declaration.name ?? this.#networks.unique(declaration.key);
        const namespace = this.#networks.namespace(declaration.namespace);
        const madeBy = makers.get(declaration) ?? [];
        return [declaration, new TestPod({ declaration, namespace, name, node, attachments, madeBy, vfSite, driver })];
      }),
    );
  }

  networkOf(declaration: NetworkDeclaration): CaseNetwork {
    return this.#networks.caseNetwork(declaration);
  }

  /** Creates the networks and begins with the pods, which come up while cases run. */
  async create(): Promise<void> {
    await this.#lane.kube.apply(this.#networks.manifests());
    this.#starter.start();
    this.#began = true;
  }

  /** Waits until it is known of each of the pods what became of it. */
  async seen(pods: readonly TestPod[]): Promise<void> {
    await this.#starter.seen(pods);
  }

  /**
   * Before a case disturbs a node or the cluster: waits until no pod is on its way in, or, its last case having ended, on its
   * way out. A daemon that is restarted would break its setup or teardown, and the pod's residue would be blamed on nothing.
   */
  async quiet(): Promise<void> {
    await this.#starter.seen(this.pods);
    await this.#teardown.releasedGone();
  }

  /** A case that uses these pods has ended: those that no other case waits for are deleted while cases run on. */
  ended(pods: readonly TestPod[]): void {
    for (const pod of pods) {
      const left = (this.#users.get(pod) ?? 0) - 1;
      this.#users.set(pod, left);
      if (left === 0 && pod.isKnown) this.#teardown.release(pod);
    }
  }

  /** Somebody outside of the cluster; the same for all cases of the batch. */
  async outsidePeer(): Promise<CaseNode> {
    return (await (this.#peer ??= this.#startPeer())).node;
  }

  async #startPeer(): Promise<{ readonly node: CaseNode; readonly stop: () => Promise<void> }> {
    const { outsidePeer } = this.#lane;
    if (!outsidePeer) throw new Error("a case asks for a peer outside of the cluster without needing one");
    const peer = await outsidePeer();
    return { node: new CaseNode(peer), stop: peer.stop };
  }

  /** Deletes the pods that are left, and undoes what cases did to nodes. */
  async end(): Promise<void> {
    if (this.#began) await this.#starter.seen(this.pods);
    await this.#teardown.deleteAll();
    await Promise.all([...this.nodes, ...this.otherNodes].map((node) => node.close()));
    // one that did not start was told to the case that asked
    const peer = await this.#peer?.catch(() => undefined);
    await peer?.stop();
  }

  /**
   * Waits until nothing that a case does to a daemon can change any more what the pods leave: their sandboxes are stopped,
   * and their VFs, which a device plugin has a hand in, are judged.
   */
  async atRest(): Promise<void> {
    await (this.#resting ??= this.#rest());
  }

  async #rest(): Promise<void> {
    await this.#teardown.allStopped();
    await judgeVfs(this.#lane, this.pods);
  }

  async #tidyNodes(): Promise<void> {
    await this.#teardown.tidy();
    await this.#networks.removeFromNodes();
  }

  /** Judges the residue of every pod and removes what is left of the networks. The next batch need not wait for that. */
  async judge(): Promise<void> {
    await this.atRest();
    await this.#teardown.judgeAll();
    await Promise.all([this.#tidyNodes(), this.#networks.removeFromApi()]);
    await this.#networks.removeNamespace();
  }
}
