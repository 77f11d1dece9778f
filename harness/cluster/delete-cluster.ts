import type { Deadline } from "../core/deadline.ts";
import { hostError } from "../core/errors.ts";
import { until } from "../core/until.ts";
import { endProcessGroups, removeState } from "./claim.ts";
import { readRecord } from "./cluster-record.ts";
import { CLUSTER_LABEL, networkName } from "./cluster-network.ts";
import { docker, dockerNetworks, nodeContainers } from "./docker-objects.ts";
import { fabricName } from "./fabric-network.ts";
import { removeKernelDevices } from "./kernel-devices.ts";
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
 * @throws PlumblineError PL_CLUSTER_FOREIGN, PL_CLUSTER_IN_USE; PL_KERNEL_DEVICES (host) when all but those is gone; DeadlineError
 * PL_CLUSTER_DELETE
 */
export async function deleteCluster(name: string, deadline: Deadline, options: DeleteOptions = {}): Promise<void> {
  const found = await find(name);
  if (options.onlyOfRun !== undefined && found.claim?.runId !== options.onlyOfRun) return;
  requireOurs(name, found, options);
  if (found.claim) await endProcessGroups(found.claim, deadline.within(10_000));
  const keptDevices = await removeContainers(name, deadline);
  await removeNetworks(name, deadline);
  removeState(name);
  if (keptDevices.length === 0) return;
  throw hostError(
    "PL_KERNEL_DEVICES",
    `cluster ${name} is gone, and devices of its nodes may be left: ${keptDevices.join("; ")}`,
    {
      hint: "`ls /sys/bus/netdevsim/devices` shows what there is; writing a device's number to /sys/bus/netdevsim/del_device takes it away",
    },
  );
}

/** @returns what may have stayed of the nodes' devices in the host's kernel */
async function removeContainers(cluster: string, deadline: Deadline): Promise<readonly string[]> {
  const record = readRecord(cluster);
  if (record && Object.keys(record.startedAt).length === 0)
    await removeUnfinishedNodes(record.spec, deadline.within(60_000));
  const keptDevices = record ? await removeKernelDevices(cluster, record.spec.stack, deadline) : [];
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
  return keptDevices;
}

/** The cluster's own network last: it tells whose the rest is. */
async function removeNetworks(cluster: string, deadline: Deadline): Promise<void> {
  const own = [fabricName(cluster), networkName(cluster)];
  await until(
    async () => {
      const labelled = await dockerNetworks(`label=${CLUSTER_LABEL}=${cluster}`);
      const left = own.flatMap((name) => labelled.find((network) => network.name === name) ?? []);
      for (const { id } of left) await docker(["network", "rm", id], deadline);
      return left.map(({ name }) => name);
    },
    {
      what: `the networks of cluster ${cluster} to be gone`,
      deadline,
      intervalMs: 100,
      done: (left) => left.length === 0,
      code: "PL_CLUSTER_DELETE",
      kind: "host",
    },
  );
}
