import type { RegisteredSuite } from "./define.ts";
import type { LaneContext } from "./lane-context.ts";
import { LiveNetworks } from "./live-networks.ts";
import { PodStarter } from "./pod-starter.ts";
import { PodTeardown } from "./pod-teardown.ts";
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
  readonly #starter: PodStarter;
  #began = false;

  /** @param suites with the selected cases only */
  constructor(lane: LaneContext, suites: readonly RegisteredSuite[]) {
    this.#lane = lane;
    this.#networks = new LiveNetworks(lane);
    this.#teardown = new PodTeardown(lane, () => this.pods);
    this.#pods = this.#declare(suites);
    this.#starter = new PodStarter(lane, this.#networks, this.pods);
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

  /** Deletes what is left and judges every pod's residue. */
  async remove(): Promise<void> {
    if (this.#began) await this.#starter.seen(this.pods);
    await this.#teardown.deleteAll();
    await this.#teardown.judgeAll();
    await this.#teardown.tidy();
    await this.#networks.removeFromNodes();
  }
}
