import type { Deadline } from "../core/deadline.ts";
import { messageOf, PlumblineError } from "../core/errors.ts";
import { until } from "../core/until.ts";
import type { KubeClient } from "../kube/client.ts";
import { leave, sandboxesOf } from "../nodes/guest-visit.ts";
import type { NodeTransport } from "../nodes/transport.ts";
import { CASE_NAMESPACES, removeNamespaces } from "./case-namespaces.ts";
import { runningAgents } from "./guest-agent.ts";
import { GUEST_NAMESPACE, MANAGED_SELECTOR, readGuestClaim } from "./guest-claim.ts";
import { unloadFromNodes } from "./guest-image.ts";
import { restoreMultus } from "./restore-multus.ts";

const DEFINITIONS = {
  apiVersion: "k8s.cni.cncf.io/v1",
  kind: "NetworkAttachmentDefinition",
  labelSelector: MANAGED_SELECTOR,
} as const;

/**
 * Removes everything of ours from a cluster that is the user's: pods and networks first, so that the plugins that they
 * are torn down by are still there; then what lies on the nodes; the agent last. What cannot be undone on one node keeps
 * neither the others nor the rest.
 * @param wasKilled by a run that cannot have undone what its cases did to Multus
 * @returns what is left, one line each
 */
export async function leaveCluster(
  kube: KubeClient,
  deadline: Deadline,
  { wasKilled }: { readonly wasKilled: boolean },
): Promise<readonly string[]> {
  const claim = await readGuestClaim(kube);
  const spaces = (await kube.list(CASE_NAMESPACES)).map(({ metadata: { name } }) => name);
  const ofCases = spaces.filter((name) => name !== GUEST_NAMESPACE);
  await removeDefinitions(kube);
  await removeNamespaces(kube, ofCases, deadline);
  if (wasKilled && claim?.multusConfig) {
    await restoreMultus(kube, { config: claim.multusConfig, since: claim.since, deadline });
  }
  const problems = claim?.visited ? await leaveNodes(kube, { namespaces: ofCases, deadline }) : [];
  // without its agent nobody could try again
  if (problems.length > 0) return problems;
  await removeNamespaces(kube, spaces.includes(GUEST_NAMESPACE) ? [GUEST_NAMESPACE] : [], deadline);
  if (claim?.loaded) await unloadFromNodes(claim.loaded.nodes, claim.loaded.ref);
  return [];
}

/** Those in namespaces that are not ours. */
async function removeDefinitions(kube: KubeClient): Promise<void> {
  const found = await kube.list(DEFINITIONS).catch((error: unknown) => {
    // a cluster without Multus has no definitions, so none of ours either
    if (error instanceof PlumblineError && error.code === "PL_KUBE_KIND") return [];
    throw error;
  });
  const { apiVersion, kind } = DEFINITIONS;
  await Promise.all(
    found.map(({ metadata: { namespace, name } }) => kube.delete({ apiVersion, kind, namespace, name })),
  );
}

async function leaveNodes(
  kube: KubeClient,
  what: { readonly namespaces: readonly string[]; readonly deadline: Deadline },
): Promise<readonly string[]> {
  const agents = await runningAgents(kube);
  const left = await Promise.all(agents.map(({ node }) => leaveNode(node, what)));
  return [...left.flat(), ...(await nodesWithoutAgent(kube, agents.length))];
}

/** A pod that is gone from the API may still be torn down by its node. */
async function leaveNode(
  node: NodeTransport,
  { namespaces, deadline }: { readonly namespaces: readonly string[]; readonly deadline: Deadline },
): Promise<readonly string[]> {
  try {
    await until(() => sandboxesOf(node, namespaces), {
      what: `the sandboxes of cases on ${node.node} to be gone`,
      deadline: deadline.within(60_000),
      intervalMs: 500,
      done: (count) => count === 0,
    });
    return (await leave(node)).map((line) => `${node.node}: ${line}`);
  } catch (error) {
    return [`${node.node}: ${messageOf(error)}`];
  }
}

async function nodesWithoutAgent(kube: KubeClient, running: number): Promise<readonly string[]> {
  const agent = await kube.get({
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    namespace: GUEST_NAMESPACE,
    name: GUEST_NAMESPACE,
  });
  const wanted = Number(agent?.status?.["desiredNumberScheduled"] ?? 0);
  if (running >= wanted) return [];
  return [`the agent runs on ${running} of ${wanted} nodes: what lies on the others stays until it does`];
}
