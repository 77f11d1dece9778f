import { expectedNodes, podNodes } from "../cluster/cluster-nodes.ts";
import { kubeconfigPath } from "../cluster/cluster-record.ts";
import { setKeep } from "../cluster/claim.ts";
import type { ClusterSpec, RunningCluster } from "../cluster/cluster.ts";
import { CLUSTER_LABEL } from "../cluster/cluster-network.ts";
import { dockerNetworks } from "../cluster/docker-objects.ts";
import { inPhase } from "../core/ports.ts";
import type { Subject } from "../core/subject.ts";
import type { OutsidePeerSpec } from "../docker/outside-peer.ts";
import { KubeClient } from "../kube/client.ts";
import { dockerTransport, preloadDockerTransport } from "../nodes/docker-transport.ts";
import type { NodeAccess } from "../nodes/node-access.ts";
import { residentTransport } from "../nodes/resident-transport.ts";
import type { NodeTransport } from "../nodes/transport.ts";
import { stackNamed, type Stack } from "../stack/stack.ts";
import type { VfSite } from "../testkit/vf-site.ts";
import type { Feature } from "./detect-features.ts";
import type { LedgerWatch } from "./ledger-watch.ts";
import { openCluster } from "./open-cluster.ts";
import { openStack } from "./open-stack.ts";
import { imagesFor, testImageOf, unpackAll, withContents } from "./testbed-images.ts";
import { clusterNameOf, type TestbedOptions } from "./testbed-options.ts";

export type TestbedPhase = "images" | "cluster" | "stack";

/** Programs at once on each node: each needs one that stays there, and these take a `docker exec` to start. */
const SESSIONS = 2;

/** A cluster with a stack on it, ready for cases. */
export interface Testbed {
  readonly cluster: RunningCluster;
  readonly kube: KubeClient;
  readonly nodes: readonly NodeTransport[];
  readonly stack: Stack;
  /** What is really there, with versions and origins: on a cluster that stood already it is read when it is asked for. */
  readonly subjects: () => Promise<readonly Subject[]>;
  /** What the nodes can do, with what was seen. */
  readonly features: readonly Feature[];
  /** The interface of the nodes that networks with a master lie on. */
  readonly uplink: string;
  readonly access: NodeAccess;
  /** Context of the kubeconfig; undefined: the current one. */
  readonly context?: string | undefined;
  /** Ranges for pods on that interface, where they are the user's to say. */
  readonly linkRanges?: readonly string[] | undefined;
  /** VFs of real NICs, where the user has said which. */
  readonly vfSite?: VfSite | undefined;
  /** What a peer outside of the cluster is made of; undefined where there can be none. */
  readonly peer: OutsidePeerSpec | undefined;
  /** Whether plugins that are there may be wrapped, and Multus be restarted. */
  readonly mayDisturb: boolean;
  /** The nodes as they were before the first pod of ours. */
  readonly ledger: LedgerWatch;
  /** Resolves when the pods that proved the stack are gone from the nodes. */
  readonly cleared: Promise<void>;
  /** Ends what runs on the nodes for this process; closing the scope does it too. */
  readonly leave: () => Promise<void>;
  /** Reference of the image that pods of cases run. */
  readonly testImage: string;
  /** Ranges in CIDR notation that cases must not use: Docker networks, services, pods. */
  readonly reservedRanges: readonly string[];
  /** Milliseconds that each phase took. */
  readonly times: Readonly<Record<TestbedPhase, number>>;
}

/**
 * Brings up a testbed, or takes one that stands. What was begun is deferred to `scope`, which the caller closes.
 * @throws PlumblineError of the rooms images, cluster and stack; the signal's reason if aborted
 */
export async function openTestbed(options: TestbedOptions): Promise<Testbed> {
  const { progress, scope, signal } = options;
  const times: Record<TestbedPhase, number> = { images: 0, cluster: 0, stack: 0 };
  const { images, supplies } = await timed(times, "images", () => imagesFor(options));
  const stack = stackNamed(options.stack, {
    ...supplies,
    cniVersion: options.cniVersion,
    multusSettings: options.multusSettings,
  });
  const spec: ClusterSpec = {
    name: clusterNameOf(options),
    workers: options.workers,
    ipFamily: options.ipFamily,
    nodeImage: images.nodeImage,
    stack: stack.identity,
  };
  const testImage = testImageOf(images);
  const { cluster, asked, unpacked } = await timed(times, "cluster", () =>
    clusterFor(spec, { stack, images, testImage, options }),
  );
  const kube = KubeClient.fromFile(cluster.kubeconfigPath);
  const { nodes, leave } = residentNodes(cluster);
  scope.defer("end what runs on the nodes", leave);
  const takePods = new Set(podNodes(cluster.nodes).map((node) => node.name));
  const forPods = nodes.filter(({ node }) => takePods.has(node));
  const { subjects, ...found } = await timed(times, "stack", () =>
    inPhase(progress, `Stack ${stack.name}`, async (phase) => {
      const opened = await openStack({
        cluster,
        kube,
        nodes,
        forPods,
        stack,
        supplies,
        phase,
        signal,
        pluginName: options.pluginName,
        nodesAsked: asked,
      });
      await unpacked;
      return opened;
    }),
  );
  if (options.keep && options.keptFor !== "next run") setKeep(spec.name, true);
  return {
    cluster,
    kube,
    nodes,
    stack,
    subjects: async () => withContents(await subjects(), images.contents),
    ...found,
    access: { by: "docker" },
    peer: peerOf(cluster),
    mayDisturb: true,
    testImage,
    reservedRanges: await reservedRanges(cluster),
    leave,
    times,
  };
}

interface OpenedCluster {
  readonly cluster: RunningCluster;
  /** What is asked of a new cluster's nodes, and the unpacking of images there, which go on beside. */
  readonly asked: Promise<void> | undefined;
  readonly unpacked: Promise<void> | undefined;
}

async function clusterFor(
  spec: ClusterSpec,
  what: {
    readonly stack: Stack;
    readonly images: Awaited<ReturnType<typeof imagesFor>>["images"];
    readonly testImage: string;
    readonly options: TestbedOptions;
  },
): Promise<OpenedCluster> {
  const { testImage, options } = what;
  let asked: Promise<void> | undefined;
  let unpacked: Promise<void> | undefined;
  const refused = new AbortController();
  const noCluster = new AbortController();
  const started = (): void => {
    preloadDockerTransport().catch(() => undefined); // its first use tells what is wrong
    const nodes = expectedNodes(spec);
    const bare = { nodes, testImage, kubeconfigPath: kubeconfigPath(spec.name), signal: noCluster.signal };
    asked = options.onNodesStarted?.(bare);
    // no cluster is needed any more
    asked?.catch((error: unknown) => refused.abort(error));
  };
  const run = (): void => {
    options.onNodesRun?.();
    unpacked = unpackAll(spec, { ...what, signal: options.signal });
    unpacked.catch(() => undefined); // told by whoever waits for it, unless something else fails first
  };
  const failed = (why: unknown): void => noCluster.abort(why);
  const signal = AbortSignal.any([options.signal, refused.signal]);
  try {
    const cluster = await openCluster(spec, what.stack, { ...options, signal, when: { started, run, failed } });
    return { cluster, asked, unpacked };
  } catch (error) {
    failed(error);
    throw error;
  }
}

function residentNodes({ nodes: all }: RunningCluster): Pick<Testbed, "nodes" | "leave"> {
  const nodes = all.map(({ name }) => residentTransport(dockerTransport(name), { sessions: SESSIONS }));
  return { nodes, leave: async () => void (await Promise.all(nodes.map((node) => node.close()))) };
}

/** On the cluster's own network, from the image of its nodes. */
function peerOf({ spec, dockerNetwork }: RunningCluster): OutsidePeerSpec {
  return { image: spec.nodeImage.ref, network: dockerNetwork, labels: { [CLUSTER_LABEL]: spec.name } };
}

/** kubeadm's default, which kind takes over; IPv6 is kind's own. @source kind pkg/apis/config/v1alpha4/default.go */
const SERVICE_RANGES = ["10.96.0.0/16", "fd00:10:96::/112"];

/** Every Docker network, since nodes reach them all by their gateway. */
async function reservedRanges(cluster: RunningCluster): Promise<readonly string[]> {
  const networks = await dockerNetworks();
  const pods = cluster.nodes.flatMap((node) => node.podCidrs);
  return [...new Set([...networks.flatMap((network) => network.subnets), ...pods, ...SERVICE_RANGES])];
}

async function timed<T>(times: Record<TestbedPhase, number>, phase: TestbedPhase, work: () => Promise<T>): Promise<T> {
  const startedMs = performance.now();
  try {
    return await work();
  } finally {
    times[phase] = Math.round(performance.now() - startedMs);
  }
}
