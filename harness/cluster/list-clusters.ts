import { claimedNames } from "./claim.ts";
import { CLUSTER_LABEL, networkName } from "./cluster-network.ts";
import { kubeconfigPath, readRecord } from "./cluster-record.ts";
import { dockerNetworks, nodeContainers } from "./docker-objects.ts";
import { find, type Found } from "./ownership.ts";
import { isAlive } from "./process-identity.ts";

export interface ClusterInfo {
  readonly name: string;
  /** `running`: usable; `partial`: some nodes or the stack are missing; `remains`: nothing runs. */
  readonly state: "running" | "partial" | "remains" | "foreign";
  readonly stack: string;
  readonly workers: number;
  readonly ipFamily: string;
  /** Node names and whether they run. */
  readonly nodes: readonly { readonly name: string; readonly running: boolean }[];
  readonly kubeconfigPath: string;
  readonly keep: boolean;
  /** Process that works with it now. */
  readonly heldBy: number | undefined;
  readonly createdAt: string;
}

/** All clusters on this host that bear a claim of the harness, of this home or another. */
export async function listClusters(): Promise<ClusterInfo[]> {
  const [networks, containers] = await Promise.all([dockerNetworks(`label=${CLUSTER_LABEL}`), nodeContainers()]);
  const names = new Set([
    ...claimedNames(),
    ...networks.flatMap((n) => n.labels[CLUSTER_LABEL] ?? []),
    ...containers.filter((c) => c.networks.includes(networkName(c.cluster))).map((c) => c.cluster),
  ]);
  return Promise.all([...names].toSorted().map(async (name) => infoOf(name, await find(name))));
}

function infoOf(name: string, found: Found): ClusterInfo {
  const record = readRecord(name);
  const { claim, containers } = found;
  return {
    name,
    state: stateOf(found, record?.ready ? record.spec.workers + 1 : Number.POSITIVE_INFINITY),
    stack: record?.spec.stack ?? "",
    workers: record?.spec.workers ?? 0,
    ipFamily: record?.spec.ipFamily ?? "",
    nodes: containers.map((c) => ({ name: c.name, running: c.running })),
    kubeconfigPath: kubeconfigPath(name),
    keep: claim?.keep ?? false,
    heldBy: claim && isAlive(claim.holder) ? claim.holder.pid : undefined,
    createdAt: claim?.createdAt ?? "",
  };
}

function stateOf({ containers, foreign }: Found, expected: number): ClusterInfo["state"] {
  if (foreign.length > 0) return "foreign";
  const running = containers.filter((c) => c.running).length;
  if (running === 0) return "remains";
  return running === expected ? "running" : "partial";
}
