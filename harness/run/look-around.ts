import { podNodes } from "../cluster/cluster-nodes.ts";
import type { ClusterNode, RunningCluster } from "../cluster/cluster.ts";
import { noteMultusConfig } from "../cluster/guest-claim.ts";
import { missingRights, NETWORK_RIGHTS, requireRights, WHEREABOUTS_RIGHTS } from "../cluster/guest-rights.ts";
import { multusConfig } from "../cluster/restore-multus.ts";
import { PlumblineError } from "../core/errors.ts";
import type { KubeClient } from "../kube/client.ts";
import { placeRecorder } from "../nodes/place-recorder.ts";
import type { NodeTransport } from "../nodes/transport.ts";
import { findParts, type FoundParts } from "../stack/found-stack.ts";
import { foundSubjects, foundVfPlugin } from "../stack/found-subjects.ts";
import type { Stack } from "../stack/stack.ts";
import { DISRUPTION, LINK } from "../testkit/site-needs.ts";
import { detectFeatures, type Feature } from "./detect-features.ts";
import { multusFeatures } from "./multus-features.ts";
import { findUplink } from "./find-uplink.ts";
import { findVfSite } from "./find-vf-site.ts";
import { policyFeature } from "./policy-feature.ts";
import { probeForeignMacs } from "./probe-link.ts";
import { EXISTING_STACK } from "../core/existing-stack.ts";
import type { ExistingRequest } from "./run-request.ts";
import { versionFeatures } from "./version-features.ts";
import { whereaboutsFeature } from "./whereabouts-feature.ts";
import { CNI_CONF_DIR } from "../nodes/cni-folders.ts";
import { rangesInUse, requireMaster } from "./site-network.ts";

interface Look {
  readonly request: ExistingRequest;
  readonly cluster: RunningCluster;
  readonly nodes: readonly NodeTransport[];
  readonly signal: AbortSignal;
}

/**
 * Finds out what a cluster of the user's is as a testbed: what is installed, what its nodes can do, what cases may use.
 * @throws PlumblineError (usage) of `findParts` and `findVfSite`; PL_KUBE_RIGHTS, PL_MASTER
 */
export async function lookAround(kube: KubeClient, { request, cluster, nodes, signal }: Look) {
  const takePods = new Set(podNodes(cluster.nodes).map(({ name }) => name));
  const forPods = nodes.filter(({ node }) => takePods.has(node));
  const parts = await findParts({ kube, nodes: forPods, chosen: request.defaultNetwork, signal });
  await requireRights(kube, NETWORK_RIGHTS[parts.network.kind] ?? []);
  const stack = stackOf(parts);
  const { master, ranges } = request;
  const { site: vfSite, features: sriov } = await findVfSite(kube, { config: request.sriov, nodes: forPods, signal });
  if (request.allowDisruptive) await mayDisturb(kube, nodes, signal);
  if (master !== undefined) await requireMaster(forPods, master, signal);
  const uplink = master ?? (await uplinkIfAny(forPods, cluster.nodes, signal));
  const apart = [...forPods, ...nodes.filter((node) => !forPods.includes(node))];
  const link = master === undefined || ranges[0] === undefined ? undefined : { master, range: ranges[0] };
  const withVfs = forPods.filter(({ node }) => vfSite?.homes[node] !== undefined);
  const [subjects, mover, kernel, ofMultus, policy, whereabouts, foreignMacs, reservedRanges] = await Promise.all([
    foundSubjects(parts, { kube, nodes: forPods, signal }),
    Promise.all(vfSite ? [foundVfPlugin(vfSite.plugin, { nodes: withVfs, signal })] : []),
    detectFeatures(forPods, signal),
    multusFeatures(kube, forPods, { file: `${CNI_CONF_DIR}/${parts.multus.file}`, signal }),
    policyFeature(parts.network.kind, forPods, signal),
    usableWhereabouts(kube, forPods, signal),
    probeForeignMacs(apart, link),
    rangesInUse(kube, { nodes, cluster: cluster.nodes, signal }),
  ]);
  const features = [
    ...kernel,
    ...siteFeatures(parts, { request, nodes: cluster.nodes }),
    ...ofMultus,
    policy,
    whereabouts,
    foreignMacs,
    ...sriov,
  ];
  return { parts, stack, subjects: [...subjects, ...mover], features, uplink, reservedRanges, vfSite };
}

/** Without an interface of the user's no pod is put on one, so it does not matter if the nodes name theirs differently. */
async function uplinkIfAny(
  nodes: readonly NodeTransport[],
  cluster: readonly ClusterNode[],
  signal: AbortSignal,
): Promise<string> {
  return findUplink(nodes, cluster, signal).catch((error: unknown) => {
    if (error instanceof PlumblineError && error.code === "PL_UPLINK") return "";
    throw error;
  });
}

/** Whereabouts, if it is there and the user may look into its pools. */
async function usableWhereabouts(
  kube: KubeClient,
  nodes: readonly NodeTransport[],
  signal: AbortSignal,
): Promise<Feature> {
  const feature = await whereaboutsFeature(kube, nodes, signal);
  const missing = feature.present ? await missingRights(kube, WHEREABOUTS_RIGHTS) : [];
  if (missing.length === 0) return feature;
  return { ...feature, present: false, evidence: `the user of the kubeconfig may not ${missing.join(", ")}` };
}

/** What the end of the run undoes, or `gc`: a wrapper in front of plugins, and the configuration of the daemon. */
async function mayDisturb(kube: KubeClient, nodes: readonly NodeTransport[], signal: AbortSignal): Promise<void> {
  const config = await multusConfig(kube);
  if (config) await noteMultusConfig(kube, config);
  await Promise.all(nodes.map((node) => placeRecorder(node, { signal })));
}

function stackOf({ multus, network }: FoundParts): Stack {
  return {
    name: EXISTING_STACK,
    description: `Multus ${multus.version} ${multus.mode} on ${network.kind}, found in the cluster`,
    components: [],
    // nothing of it is ever installed or changed
    base: EXISTING_STACK,
    identity: EXISTING_STACK,
    multus: { version: multus.version, mode: multus.mode },
    defaultNetwork: network.kind,
    clusterNetworkName: network.name,
    cniVersion: network.cniVersion,
  };
}

function siteFeatures(
  { multus }: FoundParts,
  { request, nodes }: { readonly request: ExistingRequest; readonly nodes: readonly ClusterNode[] },
): readonly Feature[] {
  const { allowDisruptive, master, ranges } = request;
  const modes = (["thick", "thin"] as const).map((mode) => ({
    name: `multus-${mode}`,
    present: multus.mode === mode,
    evidence: `${multus.file} on the nodes is of Multus in ${multus.mode} mode`,
  }));
  return [
    ...modes,
    ...versionFeatures(multus.version),
    {
      name: "outside-peer",
      present: false,
      evidence: "nobody but the nodes can be put on their link in a cluster that is the user's own",
    },
    { name: "two-nodes", present: nodes.length > 1, evidence: `the cluster has ${nodes.length} nodes` },
    {
      name: DISRUPTION,
      present: allowDisruptive,
      evidence: allowDisruptive
        ? "--allow-disruptive"
        : "it disturbs a cluster that is the user's own (--allow-disruptive)",
    },
    {
      name: LINK,
      present: master !== undefined,
      evidence:
        master === undefined
          ? "the configuration names no interface of the nodes and no ranges for pods (cluster.master, cluster.ranges)"
          : `${master} and ${ranges.join(", ")} of the configuration`,
    },
  ];
}
