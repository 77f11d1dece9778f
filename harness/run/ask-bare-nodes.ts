import { podNodes } from "../cluster/cluster-nodes.ts";
import type { ClusterNode } from "../cluster/cluster.ts";
import { dockerNetworks } from "../cluster/docker-objects.ts";
import type { PluginUnderTest, SubjectPlugin } from "../config/plugin-under-test.ts";
import { messageOf, PlumblineError } from "../core/errors.ts";
import { inPhase, type Phase, type Progress } from "../core/ports.ts";
import type { PluginBinary } from "../images/obtain-plugin.ts";
import { dockerTransport } from "../nodes/docker-transport.ts";
import { placeRecorder } from "../nodes/place-recorder.ts";
import { placeScriptedPlugin } from "../nodes/plugin-calls.ts";
import { residentTransport } from "../nodes/resident-transport.ts";
import type { NodeTransport } from "../nodes/transport.ts";
import type { CaseIndexEntry } from "../plan/case-index.ts";
import { casesText } from "../results/counts.ts";
import type { RunEventBody } from "../results/events.ts";
import type { Component } from "../stack/component.ts";
import { KERNEL_FEATURE } from "../testkit/needs.ts";
import { CaseProgress } from "./case-progress.ts";
import { detectFeatures } from "./detect-features.ts";
import { Lane } from "./lane.ts";
import type { LaneOptions, LaneTestbed } from "./lane-protocol.ts";
import { isTaken, placeSubject } from "./place-subject.ts";
import type { SuiteWork } from "./work-items.ts";

/** Nodes of a cluster that is being made: they run, and have no API yet that could be asked. */
export interface BareNodes {
  readonly nodes: readonly Pick<ClusterNode, "name" | "role">[];
  readonly testImage: string;
  /** Where the kubeconfig will lie. */
  readonly kubeconfigPath: string;
  /** Aborts when they come to no cluster. */
  readonly signal: AbortSignal;
}

/** The interface that Docker gives a node on the network of its cluster. */
const UPLINK = "eth0";

export interface BareAsking {
  readonly plugin: PluginUnderTest & { readonly binary: PluginBinary };
  readonly work: readonly SuiteWork[];
  /** Number and slice of the lane, which no other lane has. */
  readonly lane: Omit<LaneOptions, "files">;
  readonly onEvent: (event: RunEventBody) => void;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/**
 * The cases that ask the plugin under test by itself, and nothing of a cluster: whoever works on a plugin has their answers
 * while the cluster is being made.
 */
export function isForBareNodes({ layer, pods, disturbs, features, file }: CaseIndexEntry): boolean {
  const isOwn = file.startsWith("/"); // a suite of the user's own may ask for anything
  const ofKernel = features.every((name) => name.startsWith(KERNEL_FEATURE));
  return layer === "L0" && pods.length === 0 && disturbs === "nothing" && ofKernel && !isOwn;
}

/** Whether a plugin can answer before there is a cluster, and nothing of the stack takes its place afterwards. */
export function isForBare(
  { name, needsCluster }: Pick<PluginUnderTest, "name" | "needsCluster">,
  { components }: { readonly components: readonly Pick<Component, "plugins">[] },
): boolean {
  return !needsCluster && !components.some(({ plugins }) => plugins.includes(name));
}

/** Asks the plugin under test on nodes that run, on a lane of its own, before their cluster stands. */
export class BareNodeCases {
  readonly #asking: BareAsking;
  #lane: Lane | undefined;
  readonly #ended = new Set<string>();
  #shown: CaseProgress | undefined;
  #subject: SubjectPlugin | undefined;

  constructor(asking: BareAsking) {
    this.#asking = asking;
  }

  /** Ids of the cases that need not be asked again. */
  get ended(): ReadonlySet<string> {
    return this.#ended;
  }

  /** The plugin as it lies on the nodes, once it does. */
  get subject(): SubjectPlugin | undefined {
    return this.#subject;
  }

  /**
   * Places the plugin and runs the cases. Where its name is taken on a node, nothing is done: it must not make way before the
   * stack is known to be whole. Whatever breaks but the plugin is told, and what has not ended then is asked later.
   * @throws PlumblineError of `placeSubject` (usage); the signal's reason if aborted
   */
  async ask(bare: BareNodes): Promise<void> {
    const { progress } = this.#asking;
    const signal = AbortSignal.any([this.#asking.signal, bare.signal]);
    const end = (): void => this.kill();
    signal.addEventListener("abort", end, { once: true });
    try {
      await this.#ask(bare);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof PlumblineError && error.kind === "usage") throw error;
      progress.note(`what has not been asked by now is asked once the cluster stands: ${messageOf(error)}`);
    } finally {
      signal.removeEventListener("abort", end);
      this.kill();
    }
  }

  async #ask(bare: BareNodes): Promise<void> {
    const { plugin, work, progress, signal } = this.#asking;
    const nodes = bare.nodes.map(({ name }) => residentTransport(dockerTransport(name)));
    try {
      const taken = await Promise.all(nodes.map((node) => isTaken(node, plugin.name, signal)));
      if (taken.includes(true)) return;
      const lane = this.#startLane(); // it loads while the plugin is placed
      await Promise.all(nodes.map((node) => placeOwn(node, signal)));
      const where = { kube: NO_API, nodes, isOwnCluster: true, mayDisturb: true, progress, signal };
      const subject = await placeSubject(plugin, plugin.binary, where);
      this.#subject = subject;
      const testbed = await testbedOf(bare, nodes, signal);
      const total = work.reduce((sum, { caseIds }) => sum + caseIds.length, 0);
      await inPhase(progress, `Ask ${plugin.name} by itself, ${casesText(total)}`, (phase) =>
        this.#run(lane, { phase, testbed, subject, total }),
      );
    } finally {
      await Promise.all(nodes.map((node) => node.close()));
    }
  }

  #startLane(): Lane {
    const { lane, onEvent, work } = this.#asking;
    this.#lane = new Lane(lane.lane, {
      recordDir: lane.recordDir,
      files: work.map(({ file }) => file),
      onEvent: (event) => {
        if (event.type === "case-ended") this.#ended.add(event.caseId);
        onEvent(event);
        this.#shown?.see(event);
      },
    });
    return this.#lane;
  }

  async #run(
    lane: Lane,
    on: {
      readonly phase: Phase;
      readonly testbed: LaneTestbed;
      readonly subject: SubjectPlugin;
      readonly total: number;
    },
  ): Promise<void> {
    const { work, lane: options } = this.#asking;
    // nothing is known of a plugin that is nobody's but the user's
    this.#shown = new CaseProgress(on.phase, { total: on.total, knownAs: () => undefined });
    await lane.open(on.testbed, { ...options, files: work.map(({ file }) => file) });
    await lane.work(work, on.subject);
    await lane.close();
    on.phase.update(this.#shown.summary());
  }

  /** Begins no further case. */
  stop(why: string): void {
    this.#lane?.stop(why);
  }

  kill(): void {
    this.#lane?.kill();
  }
}

/** What cases look through, as on a cluster that stands. */
async function placeOwn(node: NodeTransport, signal: AbortSignal): Promise<void> {
  await placeScriptedPlugin(node);
  await placeRecorder(node, { signal });
}

/** A plugin that needs objects is not asked here: see `isForBare`. */
const NO_API = { apply: noApi, get: noApi };

function noApi(): never {
  throw new Error("there is no API yet");
}

async function testbedOf(bare: BareNodes, nodes: readonly NodeTransport[], signal: AbortSignal): Promise<LaneTestbed> {
  const names = new Set(podNodes(bare.nodes).map(({ name }) => name));
  const forPods = nodes.filter(({ node }) => names.has(node));
  const [features, networks] = await Promise.all([detectFeatures(forPods, signal), dockerNetworks()]);
  return {
    hasApi: false,
    kubeconfigPath: bare.kubeconfigPath,
    context: undefined,
    access: { by: "docker" },
    nodes: bare.nodes,
    podRanges: [],
    clusterNetwork: "",
    testImage: bare.testImage,
    masterInterface: UPLINK,
    features,
    peer: undefined,
    reservedRanges: networks.flatMap(({ subnets }) => subnets),
    linkRanges: undefined,
    vfSite: undefined,
  };
}
