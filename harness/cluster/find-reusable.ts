import { Deadline } from "../core/deadline.ts";
import { PlumblineError } from "../core/errors.ts";
import { KubeClient } from "../kube/client.ts";
import { takeOver } from "./claim.ts";
import { registeredNodes } from "./cluster-nodes.ts";
import { kubeconfigPath, readRecord, specDigest, type ClusterRecord } from "./cluster-record.ts";
import { runningCluster, type ClusterNode, type ClusterSpec, type RunningCluster } from "./cluster.ts";
import { hostAdaptations } from "./create-cluster.ts";
import { find, requireOurs, type Found } from "./ownership.ts";

interface ReuseOptions {
  readonly runId: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Finds a cluster whose spec is identical, whose stack was installed to its end, whose nodes run the same image, and
 * whose API answers; this process becomes its holder.
 * @returns undefined if there is none
 * @throws PlumblineError PL_CLUSTER_FOREIGN, PL_CLUSTER_IN_USE, PL_KUBECONFIG
 */
export async function findReusable(spec: ClusterSpec, options: ReuseOptions): Promise<RunningCluster | undefined> {
  const found = await find(spec.name);
  requireOurs(spec.name, found);
  const record = readRecord(spec.name);
  const digest = specDigest(
    spec,
    (await hostAdaptations()).map((a) => a.text),
  );
  if (!found.claim || !record?.ready || record.specDigest !== digest || !runs(record, found)) return undefined;
  const nodes = await answeringNodes(spec, options.signal);
  if (!nodes) return undefined;
  takeOver(found.claim, options.runId);
  return runningCluster({ ...record, spec, kubeconfigPath: kubeconfigPath(spec.name) }, { nodes, created: false });
}

function runs({ spec, startedAt }: ClusterRecord, { containers }: Found): boolean {
  if (containers.length !== spec.workers + 1) return false;
  return containers.every((c) => c.running && c.imageId === spec.nodeImage.id && c.startedAt === startedAt[c.name]);
}

async function answeringNodes(spec: ClusterSpec, signal: AbortSignal | undefined): Promise<ClusterNode[] | undefined> {
  const kube = KubeClient.fromFile(kubeconfigPath(spec.name));
  return registeredNodes(kube, spec, { deadline: Deadline.in(20_000), signal }).catch((error: unknown) => {
    signal?.throwIfAborted();
    if (error instanceof PlumblineError && error.kind === "usage") throw error;
    return undefined;
  });
}
