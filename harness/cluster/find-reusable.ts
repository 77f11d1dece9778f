import { Deadline } from "../core/deadline.ts";
import { PlumblineError } from "../core/errors.ts";
import { KubeClient } from "../kube/client.ts";
import { takeOver } from "./claim.ts";
import { registeredNodes } from "./cluster-nodes.ts";
import { kubeconfigPath, readRecord, specDigest, writeRecord, type ClusterRecord } from "./cluster-record.ts";
import { runningCluster, type ClusterNode, type ClusterSpec, type RunningCluster } from "./cluster.ts";
import { hostAdaptations } from "./create-cluster.ts";
import { find, requireOurs, type Found } from "./ownership.ts";

interface ReuseOptions {
  readonly runId: string;
  readonly signal?: AbortSignal | undefined;
  /** Whether what stands on the cluster can be made into the wanted stack in place. Default: no. */
  readonly canBecome?: (stack: string) => boolean;
}

/**
 * Finds a cluster whose spec is identical, or is but for a stack that can become the wanted one; whose stack was
 * installed to its end and which no run has left changed, whose nodes run the same image, and whose API answers; this
 * process becomes its holder. Where the stack is to be changed, the cluster counts as not ready until `markReady`.
 * @returns undefined if there is none
 * @throws PlumblineError PL_CLUSTER_FOREIGN, PL_CLUSTER_IN_USE, PL_KUBECONFIG
 */
export async function findReusable(spec: ClusterSpec, options: ReuseOptions): Promise<RunningCluster | undefined> {
  const found = await find(spec.name);
  requireOurs(spec.name, found);
  const record = readRecord(spec.name);
  const texts = (await hostAdaptations()).map((a) => a.text);
  if (!found.claim || !record?.ready || !runs(record, found)) return undefined;
  if ((record.changes ?? []).length > 0) return undefined;
  const before = stackBefore(record, specDigest(spec, texts), { spec, texts, canBecome: options.canBecome });
  if (before === undefined) return undefined;
  const nodes = await answeringNodes(spec, options.signal);
  if (!nodes) return undefined;
  takeOver(found.claim, options.runId);
  const isOther = before !== spec.stack;
  if (isOther) writeRecord({ ...record, spec, specDigest: specDigest(spec, texts), ready: false });
  const cluster = runningCluster(
    { ...record, spec, kubeconfigPath: kubeconfigPath(spec.name) },
    { nodes, created: false },
  );
  return isOther ? { ...cluster, stackBefore: before } : cluster;
}

interface Wanted {
  readonly spec: ClusterSpec;
  readonly texts: readonly string[];
  readonly canBecome: ReuseOptions["canBecome"];
}

/** What stands on the cluster; undefined if it is none that serves. */
function stackBefore(record: ClusterRecord, digest: string, { spec, texts, canBecome }: Wanted): string | undefined {
  const { stack } = record.spec;
  if (record.specDigest === digest) return stack;
  const isElseEqual = record.specDigest === specDigest({ ...spec, stack }, texts);
  return isElseEqual && canBecome?.(stack) ? stack : undefined;
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
