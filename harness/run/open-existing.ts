import { nodeOf } from "../cluster/cluster-nodes.ts";
import type { RunningCluster } from "../cluster/cluster.ts";
import { startAgents, agentPods } from "../cluster/guest-agent.ts";
import { makeGuestClaim, noteLoaded, noteVisited, readGuestClaim } from "../cluster/guest-claim.ts";
import { loadOnNodes, nodesWithout } from "../cluster/guest-image.ts";
import { DISRUPTIVE_RIGHTS, GUEST_RIGHTS, requireRights } from "../cluster/guest-rights.ts";
import { leaveCluster } from "../cluster/leave-cluster.ts";
import { Deadline } from "../core/deadline.ts";
import { harnessError, usageError } from "../core/errors.ts";
import { inPhase, type Phase, type Progress } from "../core/ports.ts";
import type { Scope } from "../core/scope.ts";
import { ensureAgentImage } from "../images/ensure-agent-image.ts";
import { KubeClient, type KubeObject } from "../kube/client.ts";
import { isReady } from "../kube/is-ready.ts";
import { arriveOn } from "../nodes/guest-visit.ts";
import { LedgerWatch } from "./ledger-watch.ts";
import { lookAround } from "./look-around.ts";
import { EXISTING_STACK } from "../core/existing-stack.ts";
import type { ExistingRequest } from "./run-request.ts";
import type { Testbed } from "./testbed.ts";

const AGENTS_MS = 180_000;
/** As much as teardown of the last pods may take. */
const LEAVE_MS = 110_000;

interface Ports {
  readonly images: { readonly mirror: string | undefined };
  readonly runId: string;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  readonly scope: Scope;
}

/**
 * Takes a cluster that the user has brought as a testbed: finds out what is there, brings the agent and the scripted plugin
 * under names of their own, and replaces nothing. Closing the scope removes all of it.
 * @throws PlumblineError (usage) PL_KUBECONFIG, PL_KUBE_RIGHTS, PL_CLUSTER_IN_USE, PL_AGENT_IMAGE, PL_NO_MULTUS and others of
 *   `findParts` and `arriveOn`; PL_AGENT
 */
export async function openExisting(request: ExistingRequest, ports: Ports): Promise<Testbed> {
  const { progress, signal, scope, runId } = ports;
  const startedMs = performance.now();
  const kube = KubeClient.fromFile(request.kubeconfigPath, request.context);
  const objects = await inPhase(progress, "Cluster of the kubeconfig", async (phase) => lookAt(kube, request, phase));
  const image = request.image ?? (await imageForHere(objects, ports));
  const imagesMs = Math.round(performance.now() - startedMs);
  const { nodes, access } = await inPhase(progress, "Agent on the nodes", async (phase) => {
    await makeWay(kube, phase);
    scope.defer("leave the cluster", (deadline) => leaveOwn(kube, ports, deadline));
    await makeGuestClaim(kube, runId);
    return visit(kube, { objects, image, runId, signal, phase, load: request.image === undefined });
  });
  const cluster = clusterOf(objects, request);
  const found = await inPhase(progress, "What is in the cluster", async (phase) => {
    const seen = await lookAround(kube, { request, cluster, nodes, signal });
    phase.update(`Multus ${seen.parts.multus.version} ${seen.stack.multus.mode}, ${seen.parts.network.name}`);
    return seen;
  });
  const { stack, subjects, features, uplink, reservedRanges, vfSite } = found;
  return {
    cluster,
    kube,
    nodes,
    stack,
    subjects: () => Promise.resolve(subjects),
    features,
    uplink,
    reservedRanges,
    access,
    context: request.context,
    linkRanges: request.ranges.length > 0 ? request.ranges : undefined,
    vfSite,
    peer: undefined,
    mayDisturb: request.allowDisruptive,
    ledger: await LedgerWatch.start(nodes),
    cleared: Promise.resolve(),
    leave: () => Promise.resolve(),
    testImage: image,
    times: { images: imagesMs, cluster: 0, stack: Math.round(performance.now() - startedMs) - imagesMs },
  };
}

/** @returns the nodes that run Linux, as the API has them */
async function lookAt(
  kube: KubeClient,
  { allowDisruptive }: ExistingRequest,
  phase: Phase,
): Promise<readonly KubeObject[]> {
  await requireRights(kube, allowDisruptive ? [...GUEST_RIGHTS, ...DISRUPTIVE_RIGHTS] : GUEST_RIGHTS);
  const all = await kube.list({ apiVersion: "v1", kind: "Node" });
  const nodes = all.filter(({ metadata }) => (metadata.labels?.["kubernetes.io/os"] ?? "linux") === "linux");
  const notReady = nodes.find((node) => !isReady(node));
  if (nodes.length === 0) throw usageError("PL_NO_NODES", "the cluster has no node that takes pods");
  if (notReady) {
    throw usageError("PL_NODE_NOT_READY", `node ${notReady.metadata.name} is not Ready`, {
      hint: `kubectl describe node ${notReady.metadata.name}`,
    });
  }
  phase.update(`${nodes.length} nodes`);
  return nodes;
}

/** What is made here can be brought only to nodes of this host: better known before it is made. */
async function imageForHere(objects: readonly KubeObject[], { images, progress, signal }: Ports): Promise<string> {
  const { mirror } = images;
  const image = await ensureAgentImage({ mirror, progress, signal });
  await nodesWithout(objects, image);
  return image.localRef;
}

/** Removes what a run of this host left that was killed. */
async function makeWay(kube: KubeClient, phase: Phase): Promise<void> {
  const claim = await readGuestClaim(kube);
  if (!claim || claim.heldBy !== undefined) return; // told when it is claimed
  phase.update("removing what an earlier run left");
  await leaveWhole(kube, Deadline.in(LEAVE_MS), { wasKilled: true });
}

/** Whoever was faster with the claim keeps what is theirs. What an interrupt ended has undone nothing by itself. */
async function leaveOwn(kube: KubeClient, { runId, signal }: Ports, deadline: Deadline): Promise<void> {
  const claim = await readGuestClaim(kube);
  if (claim?.runId === runId) await leaveWhole(kube, deadline, { wasKilled: signal.aborted });
}

async function leaveWhole(kube: KubeClient, deadline: Deadline, how: { readonly wasKilled: boolean }): Promise<void> {
  const left = await leaveCluster(kube, deadline, how);
  if (left.length === 0) return;
  throw harnessError("PL_LEAVE", `not all could be removed from the cluster: ${left.join("; ")}`, {
    hint: "`plumbline gc --kubeconfig FILE` tries again",
  });
}

interface Visit {
  readonly objects: readonly KubeObject[];
  readonly image: string;
  /** The image is one of this host, and is brought onto its nodes. */
  readonly load: boolean;
  readonly runId: string;
  readonly signal: AbortSignal;
  readonly phase: Phase;
}

async function visit(kube: KubeClient, { objects, image, load, runId, signal, phase }: Visit) {
  if (load) {
    const lacking = await nodesWithout(objects, { localRef: image });
    if (lacking.length > 0) {
      phase.update(`bringing ${image} onto ${lacking.length} nodes`);
      await noteLoaded(kube, { ref: image, nodes: lacking });
      await loadOnNodes(lacking, { localRef: image }, signal);
    }
  }
  const names = objects.map(({ metadata }) => metadata.name);
  phase.update("waiting for its pods");
  const nodes = await startAgents(kube, { image, runId, nodes: names, deadline: Deadline.in(AGENTS_MS), signal });
  const pods = await agentPods(kube);
  phase.update("bringing our programs");
  await noteVisited(kube);
  await Promise.all(
    nodes.map(async (node) => {
      const pod = pods.get(node.node);
      if (pod) await arriveOn(kube, { node, pod, signal });
    }),
  );
  phase.update(`on ${nodes.length} nodes`);
  return { nodes, access: { by: "agent", pods: Object.fromEntries(pods) } as const };
}

function clusterOf(objects: readonly KubeObject[], { kubeconfigPath, context }: ExistingRequest): RunningCluster {
  const nodes = objects.map(nodeOf).toSorted((a, b) => Number(a.role === "worker") - Number(b.role === "worker"));
  const workers = nodes.filter(({ role }) => role === "worker").length;
  const ipFamily = nodes.every(({ addresses }) => addresses.length > 1) ? "dual" : "ipv4";
  return {
    spec: { name: context ?? EXISTING_STACK, workers, ipFamily, nodeImage: { ref: "", id: "" }, stack: EXISTING_STACK },
    provider: "existing",
    kubeconfigPath,
    dockerNetwork: "",
    nodes,
    adaptations: [],
    created: false,
  };
}
