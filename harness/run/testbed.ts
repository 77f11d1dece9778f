import { randomUUID } from "node:crypto";
import { expectedNodes, podNodes } from "../cluster/cluster-nodes.ts";
import { createCluster } from "../cluster/create-cluster.ts";
import { setKeep } from "../cluster/claim.ts";
import type { ClusterSpec, RunningCluster } from "../cluster/cluster.ts";
import { deleteCluster } from "../cluster/delete-cluster.ts";
import { CLUSTER_LABEL } from "../cluster/cluster-network.ts";
import { dockerNetworks } from "../cluster/docker-objects.ts";
import { findReusable } from "../cluster/find-reusable.ts";
import { Deadline } from "../core/deadline.ts";
import { harnessError } from "../core/errors.ts";
import { inPhase } from "../core/ports.ts";
import type { Scope } from "../core/scope.ts";
import type { Subject } from "../core/subject.ts";
import type { ImageSet } from "../images/ensure-images.ts";
import type { LocalImage } from "../images/image-source.ts";
import { putImage } from "../images/put-image.ts";
import { ensureTool } from "../images/ensure-tool.ts";
import { KubeClient } from "../kube/client.ts";
import { dockerTransport, preloadDockerTransport } from "../nodes/docker-transport.ts";
import { removePlugins } from "../nodes/place-plugin.ts";
import { placeRecorder } from "../nodes/place-recorder.ts";
import { placeScriptedPlugin } from "../nodes/plugin-calls.ts";
import type { OutsidePeerSpec } from "../docker/outside-peer.ts";
import type { NodeAccess } from "../nodes/node-access.ts";
import type { NodeTransport } from "../nodes/transport.ts";
import { changeMultus } from "../stack/change-multus.ts";
import type { StackContext } from "../stack/component.ts";
import { requireChosen } from "../stack/chosen-network.ts";
import { componentsReady, installStack, proveStack } from "../stack/install-stack.ts";
import { stackSubjects } from "../stack/stack-subjects.ts";
import { differsInMultusAlone, stackNamed, type Stack } from "../stack/stack.ts";
import { detectFeatures, type Feature } from "./detect-features.ts";
import { findUplink } from "./find-uplink.ts";
import { LedgerWatch } from "./ledger-watch.ts";
import { obtainSupplies, type SupplyOptions } from "./obtain-supplies.ts";
import { policyFeature } from "./policy-feature.ts";
import { sriovFeatures } from "./sriov-features.ts";
import { unpackImages } from "./unpack-images.ts";

const STACK_MS = 300_000;

export interface TestbedOptions extends SupplyOptions {
  /** Name of the cluster; undefined: made from the stack. */
  readonly name: string | undefined;
  readonly workers: number;
  /** Take a cluster that stands with the same spec. */
  readonly reuse: boolean;
  /** Leave the cluster to the user, whatever happens. Else closing `scope` deletes it, if it was made here. */
  readonly keep: boolean;
  /** Default: the user. */
  readonly keptFor?: "user" | "next run" | undefined;
  readonly scope: Scope;
  /** Called while a new cluster's workers join, when the host has time to spare; not for one that stands. */
  readonly onNodesRun?: () => void;
  /** For the claim. Default: a new one. */
  readonly runId?: string;
  /** Name of a plugin under test that may stay on a cluster that stands; others go. */
  readonly pluginName?: string | undefined;
}

export type TestbedPhase = "images" | "cluster" | "stack";

/** A cluster with a stack on it, ready for cases. */
export interface Testbed {
  readonly cluster: RunningCluster;
  readonly kube: KubeClient;
  readonly nodes: readonly NodeTransport[];
  readonly stack: Stack;
  /** What is really there, with versions and origins. */
  readonly subjects: readonly Subject[];
  /** What the nodes can do, with what was seen. */
  readonly features: readonly Feature[];
  /** The interface of the nodes that networks with a master lie on. */
  readonly uplink: string;
  readonly access: NodeAccess;
  /** Context of the kubeconfig; undefined: the current one. */
  readonly context?: string | undefined;
  /** Ranges for pods on that interface, where they are the user's to say. */
  readonly linkRanges?: readonly string[] | undefined;
  /** What a peer outside of the cluster is made of; undefined where there can be none. */
  readonly peer: OutsidePeerSpec | undefined;
  /** Whether plugins that are there may be wrapped, and Multus be restarted. */
  readonly mayDisturb: boolean;
  /** The nodes as they were before the first pod of ours. */
  readonly ledger: LedgerWatch;
  /** Resolves when the pods that proved the stack are gone from the nodes. */
  readonly cleared: Promise<void>;
  /** Reference of the image that pods of cases run. */
  readonly testImage: string;
  /** Ranges in CIDR notation that cases must not use: Docker networks, services, pods. */
  readonly reservedRanges: readonly string[];
  /** Milliseconds that each phase took. */
  readonly times: Readonly<Record<TestbedPhase, number>>;
}

/** The name of the cluster that a request without a name means. */
export function clusterNameOf({ stack, name }: Pick<TestbedOptions, "stack" | "name">): string {
  return name ?? `plumbline-${stack}`;
}

/**
 * Brings up a testbed, or takes one that stands. What was begun is deferred to `scope`, which the caller closes.
 * @throws PlumblineError of the rooms images, cluster and stack; the signal's reason if aborted
 */
export async function openTestbed(options: TestbedOptions): Promise<Testbed> {
  const { progress, signal } = options;
  const times: Record<TestbedPhase, number> = { images: 0, cluster: 0, stack: 0 };
  const { images, multus, network } = await timed(times, "images", () =>
    obtainSupplies(options, clusterNameOf(options)),
  );
  const stack = stackNamed(options.stack, { multus, network, cniVersion: options.cniVersion });
  const spec: ClusterSpec = {
    name: clusterNameOf(options),
    workers: options.workers,
    ipFamily: options.ipFamily,
    nodeImage: images.nodeImage,
    stack: stack.identity,
  };
  const testImage = testImageOf(images);
  let unpacked: Promise<void> | undefined;
  const onNodesRun = (): void => {
    preloadDockerTransport().catch(() => undefined); // its first use tells what is wrong
    options.onNodesRun?.();
    unpacked = unpackAll(spec, { stack, images, testImage, signal });
    unpacked.catch(() => undefined); // told below, unless something else fails first
  };
  const cluster = await timed(times, "cluster", () => openCluster(spec, stack, { ...options, onNodesRun }));
  const kube = KubeClient.fromFile(cluster.kubeconfigPath);
  const nodes = cluster.nodes.map((node) => dockerTransport(node.name));
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
        supplied: [...(multus ? [multus.image] : []), ...(network?.images ?? [])],
        phase,
        signal,
        pluginName: options.pluginName,
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
    subjects: withContents(subjects, images.contents),
    ...found,
    access: { by: "docker" },
    peer: peerOf(cluster),
    mayDisturb: true,
    testImage,
    reservedRanges: await reservedRanges(cluster),
    times,
  };
}

/** On the cluster's own network, from the image of its nodes. */
function peerOf({ spec, dockerNetwork }: RunningCluster): OutsidePeerSpec {
  return { image: spec.nodeImage.ref, network: dockerNetwork, labels: { [CLUSTER_LABEL]: spec.name } };
}

/** Before the stack asks for its images, and pods of cases for theirs. */
async function unpackAll(
  spec: ClusterSpec,
  what: Pick<Testbed, "stack" | "testImage"> & { readonly images: ImageSet; readonly signal: AbortSignal },
): Promise<void> {
  const nodes = expectedNodes(spec);
  const takePods = podNodes(nodes);
  const names = new Set(what.stack.components.flatMap((component) => component.images));
  const ofStack = what.images.images.filter((image) => names.has(image.name)).map((image) => image.ref);
  await Promise.all(
    nodes.map(async (node) => {
      const refs = [...new Set([...ofStack, ...(takePods.includes(node) ? [what.testImage] : [])])];
      await unpackImages(dockerTransport(node.name), refs, what.signal);
    }),
  );
}

async function openCluster(
  spec: ClusterSpec,
  stack: Stack,
  options: TestbedOptions & { readonly onNodesRun: () => void },
): Promise<RunningCluster> {
  const { progress, signal, scope, keep, reuse } = options;
  const runId = options.runId ?? randomUUID();
  const kindPath = await ensureTool("kind", { progress, signal });
  const canBecome = (made: string): boolean => differsInMultusAlone(made, stack);
  return inPhase(progress, `Cluster ${spec.name}`, async (phase) => {
    const found = reuse ? await findReusable(spec, { runId, signal, canBecome }) : undefined;
    if (found) {
      phase.update(
        found.stackBefore === undefined ? "it stands already" : `it stands already, with ${found.stackBefore}`,
      );
      return found;
    }
    if (!keep) {
      // Only what this run made: a creation may be refused because the name is another's.
      scope.defer(`delete the cluster ${spec.name}`, (deadline) =>
        deleteCluster(spec.name, deadline, { onlyOfRun: runId }),
      );
    }
    return createCluster(spec, { phase, signal, runId, kindPath, onNodesRun: options.onNodesRun });
  });
}

interface StackParts extends StackContext {
  readonly stack: Stack;
  /** What the node image does not have: another Multus, a published network. */
  readonly supplied: readonly LocalImage[];
  /** Nodes that pods of cases are put on. */
  readonly forPods: readonly NodeTransport[];
  readonly pluginName: string | undefined;
}

interface OpenedStack {
  readonly subjects: readonly Subject[];
  readonly features: readonly Feature[];
  readonly uplink: string;
  readonly ledger: LedgerWatch;
  readonly cleared: Promise<void>;
}

/**
 * Installs the stack on a new cluster, or changes Multus on one that was found, and proves it by a pod. A cluster that was
 * found as it should be has been proven when it was made; its components are looked at, and whether pods still work is
 * seen by those of the cases.
 */
async function openStack({ stack, supplied, forPods, pluginName, ...context }: StackParts): Promise<OpenedStack> {
  const { created, stackBefore, nodes } = context.cluster;
  const isNew = created || stackBefore !== undefined;
  if (isNew) await Promise.all(nodes.map(({ name }) => putAll(name, supplied, context.signal)));
  // gigabytes of images take what they take, on a bound of their own
  const deadline = Deadline.in(STACK_MS);
  const lookAtNodes = () =>
    Promise.all([
      detectFeatures(forPods, context.signal),
      findUplink(forPods, context.cluster.nodes, context.signal),
    ] as const);
  // nothing is installed on a cluster that is as it should be: its nodes can be looked at meanwhile
  const early = isNew ? undefined : lookAtNodes();
  early?.catch(() => undefined); // told below, unless something else fails first
  if (created) {
    await Promise.all([installStack(stack, context), ...context.nodes.map((node) => placeScriptedPlugin(node))]);
  } else {
    const { signal } = context;
    await Promise.all(context.nodes.map((node) => removePlugins(node, { except: pluginName, signal })));
    if (stackBefore !== undefined) await changeMultus(stack, context, deadline);
  }
  await componentsReady(stack, context, deadline);
  await requireChosen(stack, context, deadline);
  // Multus' own binary is there only now, and a rollout may have replaced it since the last run
  await Promise.all(context.nodes.map((node) => placeRecorder(node, { signal: context.signal })));
  const [subjects, [features, uplink], policy, sriov, proven] = await Promise.all([
    stackSubjects(stack, context),
    early ?? lookAtNodes(),
    policyFeature(stack.defaultNetwork, forPods, context.signal),
    sriovFeatures(context.kube, forPods, context.signal),
    firstPods(context, { isNew, deadline }),
  ]);
  return { subjects, features: [...features, ...stackFeatures(stack, context), policy, ...sriov], uplink, ...proven };
}

async function putAll(node: string, images: readonly LocalImage[], signal: AbortSignal | undefined): Promise<void> {
  for (const image of images) await putImage(node, image, signal);
}

/** Features that follow from what the testbed is made of. */
function stackFeatures({ name, multus }: Stack, { nodes }: StackContext): readonly Feature[] {
  const modes = (["thick", "thin"] as const).map((mode) => ({
    name: `multus-${mode}`,
    present: multus.mode === mode,
    evidence: `${name} has Multus in ${multus.mode} mode`,
  }));
  return [
    ...modes,
    { name: "outside-peer", present: true, evidence: "the nodes are containers on a network that others can join" },
    { name: "two-nodes", present: nodes.length > 1, evidence: `the cluster has ${nodes.length} nodes` },
  ];
}

async function firstPods(
  context: StackContext,
  { isNew, deadline }: { readonly isNew: boolean; readonly deadline: Deadline },
): Promise<Pick<OpenedStack, "ledger" | "cleared">> {
  const ledger = await LedgerWatch.start(context.nodes);
  const proven = isNew ? await proveStack(context, deadline) : undefined;
  return { ledger, cleared: proven?.cleared ?? Promise.resolve() };
}

/** What was read from the cluster, and what else the node image is known to hold. */
function withContents(seen: readonly Subject[], contents: readonly Subject[]): readonly Subject[] {
  const names = new Set(seen.map(({ name }) => name));
  return [...seen, ...contents.filter(({ name }) => !names.has(name))];
}

/** @throws PlumblineError PL_NO_TEST_IMAGE */
function testImageOf({ images }: ImageSet): string {
  const image = images.find(({ name }) => name === "test");
  if (image) return image.ref;
  throw harnessError("PL_NO_TEST_IMAGE", "the node image has no test image in it", {
    hint: "`plumbline images build`",
  });
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
