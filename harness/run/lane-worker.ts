import { messageOf } from "../core/errors.ts";
import { KubeClient } from "../kube/client.ts";
import { AddressPool, type PoolSlice } from "../net/address-pool.ts";
import { dockerTransport } from "../nodes/docker-transport.ts";
import { nodeTransport } from "../nodes/node-access.ts";
import { forgetCalls } from "../nodes/plugin-calls.ts";
import { residentTransport, type ResidentTransport } from "../nodes/resident-transport.ts";
import type { RegisteredSuite } from "../testkit/define.ts";
import type { LaneContext } from "../testkit/lane-context.ts";
import type { SubjectPlugin } from "../config/plugin-under-test.ts";
import { namespaceManifest } from "../testkit/pod-manifest.ts";
import { EvidenceTaker } from "./evidence-taker.ts";
import type { LaneOptions, LaneTestbed, Settled } from "./lane-protocol.ts";
import { loadSuites } from "./load-suites.ts";
import { vfMoverOf } from "./sriov-features.ts";
import { runMocha, type AfterCases } from "./run-mocha.ts";
import type { SuiteWork } from "./work-items.ts";

type Ports = Pick<LaneContext, "emit" | "known">;

/** The inside of a lane: its namespaces, and the work that it is given. */
export class LaneWorker {
  readonly #testbed: LaneTestbed;
  readonly #options: LaneOptions;
  readonly #ports: Ports;
  readonly #kube: KubeClient;
  readonly #nodes: ReadonlyMap<string, ResidentTransport>;
  readonly #slice: PoolSlice;
  readonly #namespaces: { readonly own: string; readonly other: string };
  /** What goes on of batches whose cases have ended. */
  readonly #after: AfterCases[] = [];
  #batches = 0;
  #stopped: string | undefined;

  private constructor(testbed: LaneTestbed, options: LaneOptions, ports: Ports) {
    this.#testbed = testbed;
    this.#options = options;
    this.#ports = ports;
    const { access, reservedRanges: avoid, linkRanges, vfSite } = testbed;
    this.#kube = KubeClient.fromFile(testbed.kubeconfigPath, testbed.context);
    this.#nodes = new Map(
      testbed.nodes.map(({ name }) => [name, residentTransport(nodeTransport(name, access, this.#kube))]),
    );
    const ranges = { avoid, linkRanges, vfRanges: vfSite?.ranges };
    const pool = new AddressPool({ runId: options.runId, slices: options.slices, ...ranges });
    this.#slice = pool.slice(options.lane);
    this.#namespaces = { own: this.#slice.namespace("pods"), other: this.#slice.namespace("elsewhere") };
  }

  static async open(testbed: LaneTestbed, options: LaneOptions, ports: Ports): Promise<LaneWorker> {
    const worker = new LaneWorker(testbed, options, ports);
    const names = testbed.hasApi ? Object.values(worker.#namespaces) : [];
    const made = Promise.all([
      worker.#kube.apply(names.map((name) => namespaceManifest(name, options.runId))),
      // no lane is given work before all of them are open
      ...(options.lane === 0 ? [...worker.#nodes.values()].map(forgetCalls) : []),
    ]);
    made.catch(() => undefined); // told below, unless a suite cannot be loaded
    for (const file of options.files) await loadSuites(file);
    await made;
    return worker;
  }

  #context(evidence: () => EvidenceTaker, subject: SubjectPlugin | undefined): LaneContext {
    const { nodes } = this.#testbed;
    const workers = nodes.filter((node) => node.role === "worker");
    return {
      runId: this.#options.runId,
      lanes: this.#options.lanes,
      kube: this.#kube,
      nodes: this.#nodes,
      podNodes: (workers.length > 0 ? workers : nodes).map((node) => node.name),
      podRanges: this.#testbed.podRanges,
      clusterNetwork: this.#testbed.clusterNetwork,
      testImage: this.#testbed.testImage,
      masterInterface: this.#testbed.masterInterface,
      slice: this.#slice,
      outsidePeer: this.#outsidePeer(),
      batchTag: `${this.#options.lane}x${this.#batches++}`,
      namespaces: this.#namespaces,
      subject,
      vfSite: this.#testbed.vfSite,
      vfMover: vfMoverOf(this.#testbed.features),
      podReadyMs: this.#options.podReadyMs,
      teardownMs: this.#options.teardownMs,
      ...this.#ports,
      violated: (pod, violations) => evidence().ofViolations(pod, violations),
    };
  }

  #outsidePeer(): LaneContext["outsidePeer"] {
    const { peer: spec } = this.#testbed;
    if (!spec) return undefined;
    return async () => {
      // it takes half a second to load, and few cases ask
      const { startOutsidePeer } = await import("../docker/outside-peer.ts");
      const peer = await startOutsidePeer(spec);
      return { ...dockerTransport(peer.container), stop: () => peer.stop() };
    };
  }

  /** From now on cases are skipped, for this reason. */
  stop(why: string): void {
    this.#stopped = why;
  }

  async work(suites: readonly SuiteWork[], subject?: SubjectPlugin): Promise<void> {
    const loaded: RegisteredSuite[] = [];
    for (const { file, caseIds } of suites) {
      const wanted = new Set(caseIds);
      for (const { title, cases } of await loadSuites(file)) {
        loaded.push({ title, cases: cases.filter((c) => wanted.has(c.definition.id)) });
      }
    }
    const context = this.#context(() => evidence, subject);
    const evidence = new EvidenceTaker(context, this.#options.recordDir);
    const { atRest, judged } = await runMocha(loaded, {
      context,
      evidence,
      lane: this.#options.lane,
      features: this.#testbed.features,
      stopped: () => this.#stopped,
    });
    this.#after.push({ atRest, judged: judged.catch((error: unknown) => this.#tellLeft(error)) });
  }

  #tellLeft(error: unknown): void {
    this.#ports.emit({
      type: "cleanup-failed",
      message: `the pods of a batch could not be removed or judged: ${messageOf(error)}`,
    });
  }

  /** Waits until every pod of the lane is that far. */
  async settle(until: Settled): Promise<void> {
    if (until === "at rest") await Promise.all(this.#after.map(({ atRest }) => atRest));
    else await Promise.all(this.#after.splice(0).map(({ judged }) => judged));
  }

  /** Removes the lane's namespaces; their objects go with them. Ends what runs on the nodes for it. */
  async close(): Promise<void> {
    await this.settle("judged");
    const made = this.#testbed.hasApi ? Object.values(this.#namespaces) : [];
    const removed = made.map((name) => this.#kube.delete({ apiVersion: "v1", kind: "Namespace", name }));
    await Promise.all([...removed, ...[...this.#nodes.values()].map((node) => node.close())]);
  }
}
