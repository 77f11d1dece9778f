import { Deadline } from "../core/deadline.ts";
import { messageOf } from "../core/errors.ts";
import type { Progress } from "../core/ports.ts";
import { deleteCluster } from "./delete-cluster.ts";
import { listClusters, type ClusterInfo } from "./list-clusters.ts";

export interface GcItem {
  readonly cluster: string;
  readonly action: "removed" | "would remove" | "left" | "failed";
  readonly reason: string;
}

export interface GcReport {
  readonly items: readonly GcItem[];
}

export interface GcOptions {
  readonly dryRun: boolean;
  readonly progress: Progress;
}

/**
 * Removes the clusters whose process has ended and that are not kept. What has no claim of ours, or a living one, is
 * left alone. A failure to remove one is an item and does not keep the others.
 */
export async function collectGarbage(options: GcOptions): Promise<GcReport> {
  const clusters = await listClusters();
  return { items: await Promise.all(clusters.map((info) => collect(info, options))) };
}

async function collect(info: ClusterInfo, { dryRun, progress }: GcOptions): Promise<GcItem> {
  const cluster = info.name;
  const left = reasonToLeave(info);
  if (left !== undefined) return { cluster, action: "left", reason: left };
  const reason = "the process that made it has ended";
  if (dryRun) return { cluster, action: "would remove", reason };
  const phase = progress.phase(`remove the cluster ${cluster}`);
  try {
    await deleteCluster(cluster, Deadline.in(90_000));
    phase.done();
    return { cluster, action: "removed", reason };
  } catch (error) {
    phase.fail(messageOf(error));
    return { cluster, action: "failed", reason: messageOf(error) };
  }
}

/** Why a cluster is none of the garbage; undefined if it is. */
export function reasonToLeave(
  info: Pick<ClusterInfo, "heldBy" | "state" | "keep"> & { readonly nodes: readonly unknown[] },
): string | undefined {
  if (info.heldBy !== undefined) return `process ${info.heldBy} is working with it`;
  if (info.state === "foreign") return "a kind cluster of that name is not ours";
  // its nodes may have been stopped, as by the end of the host; without any it serves nobody, kept or not
  if (info.keep && info.nodes.length > 0)
    return info.state === "remains" ? "it is kept, and does not run" : "it is kept";
  return undefined;
}
