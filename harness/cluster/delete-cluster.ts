import type { Deadline } from "../core/deadline.ts";
import { until } from "../core/until.ts";
import { endProcessGroups, removeState } from "./claim.ts";
import { readRecord } from "./cluster-record.ts";
import { CLUSTER_LABEL, ownNetwork } from "./cluster-network.ts";
import { docker, nodeContainers } from "./docker-objects.ts";
import { find, requireOurs } from "./ownership.ts";
import { removeUnfinishedNodes } from "./plug-names.ts";

export interface DeleteOptions {
  /** Also while another process works with it. Default: no. */
  readonly evenIfInUse?: boolean;
  /** Only if this run made it or took it over; else nothing is done. For undoing: the name may be another's by then. */
  readonly onlyOfRun?: string;
}

/**
 * Removes a cluster of ours with its network and its state, whatever is left of it; nothing left is fine.
 * @throws PlumblineError PL_CLUSTER_FOREIGN, PL_CLUSTER_IN_USE; DeadlineError PL_CLUSTER_DELETE
 */
export async function deleteCluster(name: string, deadline: Deadline, options: DeleteOptions = {}): Promise<void> {
  const found = await find(name);
  if (options.onlyOfRun !== undefined && found.claim?.runId !== options.onlyOfRun) return;
  requireOurs(name, found, options);
  if (found.claim) await endProcessGroups(found.claim, deadline.within(10_000));
  await removeContainers(name, deadline);
  await removeNetwork(name, deadline);
  removeState(name);
}

async function removeContainers(cluster: string, deadline: Deadline): Promise<void> {
  const record = readRecord(cluster);
  if (record && Object.keys(record.startedAt).length === 0)
    await removeUnfinishedNodes(record.spec, deadline.within(60_000));
  await until(
    async () => {
      const nodes = (await nodeContainers(cluster)).map((c) => c.id);
      // peers that cases put on its network, and that a killed run left
      const peers = await docker(["ps", "--all", "--quiet", "--filter", `label=${CLUSTER_LABEL}=${cluster}`]);
      const containers = [...nodes, ...peers];
      await Promise.all(containers.map((id) => docker(["rm", "--force", "--volumes", id], deadline)));
      return containers;
    },
    {
      what: `the containers of cluster ${cluster} to be gone`,
      deadline,
      intervalMs: 100,
      done: (left) => left.length === 0,
      code: "PL_CLUSTER_DELETE",
      kind: "host",
    },
  );
}

async function removeNetwork(cluster: string, deadline: Deadline): Promise<void> {
  await until(
    async () => {
      const network = await ownNetwork(cluster);
      if (network) await docker(["network", "rm", network.id], deadline);
      return network === undefined;
    },
    {
      what: `the network of cluster ${cluster} to be gone`,
      deadline,
      intervalMs: 100,
      code: "PL_CLUSTER_DELETE",
      kind: "host",
    },
  );
}
