import { Deadline } from "../core/deadline.ts";
import { messageOf } from "../core/errors.ts";
import { KubeClient } from "../kube/client.ts";
import type { GcItem, GcOptions, GcReport } from "./collect-garbage.ts";
import { GUEST_NAMESPACE, MANAGED_SELECTOR, readGuestClaim } from "./guest-claim.ts";
import { leaveCluster } from "./leave-cluster.ts";

const LEAVE_MS = 180_000;

interface Place {
  readonly kubeconfigPath: string;
  readonly context: string | undefined;
  /** Also what a run on another host has made, of which nobody here can know whether it still runs. */
  readonly evenOfOthers: boolean;
}

/**
 * Removes what a killed run has left in a cluster that is the user's: objects by their label, and what lies on its nodes.
 * What a living run works with is left alone.
 * @throws PlumblineError PL_KUBECONFIG (usage); KubeApiError if the cluster does not answer
 */
export async function collectGuestGarbage(place: Place, { dryRun, progress }: GcOptions): Promise<GcReport> {
  const kube = KubeClient.fromFile(place.kubeconfigPath, place.context);
  const [claim, namespaces] = await Promise.all([
    readGuestClaim(kube),
    kube.list({ apiVersion: "v1", kind: "Namespace", labelSelector: MANAGED_SELECTOR }),
  ]);
  const names = namespaces.map(({ metadata }) => metadata.name).toSorted();
  if (names.length === 0) return { items: [] };
  const cluster = place.context ?? place.kubeconfigPath;
  const item = (action: GcItem["action"], reason: string): GcReport => ({ items: [{ cluster, action, reason }] });
  if (claim?.heldBy !== undefined && !(place.evenOfOthers && !claim.isHere)) return item("left", claim.heldBy);
  const what = `${names.join(", ")}${names.includes(GUEST_NAMESPACE) ? ", and what lies on the nodes" : ""}`;
  if (dryRun) return item("would remove", what);
  const phase = progress.phase(`leave the cluster ${cluster}`);
  try {
    const left = await leaveCluster(kube, Deadline.in(LEAVE_MS), { wasKilled: true });
    if (left.length > 0) throw new Error(left.join("; "));
    phase.done();
    return item("removed", what);
  } catch (error) {
    phase.fail(messageOf(error));
    return item("failed", messageOf(error));
  }
}
