import type { SriovConfig } from "../config/sriov-schema.ts";
import { usageError } from "../core/errors.ts";
import type { KubeClient, KubeObject } from "../kube/client.ts";
import { hardwareVfs, registeredDevices, type HardwareVf } from "../nodes/hardware-vfs.ts";
import type { NodeTransport } from "../nodes/transport.ts";
import { POOL_A, POOL_B, POOL_DPDK } from "../testkit/virtual-functions.ts";
import type { VfSite } from "../testkit/vf-site.ts";
import type { Feature } from "./detect-features.ts";
import { injectorIn } from "./device-injector.ts";
import { realVfFeatures } from "./sriov-features.ts";
import { advertisedBy, freeOn } from "./vf-counts.ts";

/** As many as the largest pod of a case asks for, and some that are on their way home meanwhile. */
const ENOUGH: Readonly<Record<string, number>> = { [POOL_A]: 4, [POOL_B]: 2, [POOL_DPDK]: 1 };
/** @source sriov-cni pkg/utils, HasDpdkDriver */
const USERSPACE_DRIVERS: ReadonlySet<string> = new Set(["vfio-pci", "uio_pci_generic", "igb_uio"]);
const TIMEOUT_MS = 15_000;

interface Look {
  readonly config: SriovConfig | undefined;
  /** Nodes that pods are put on. */
  readonly nodes: readonly NodeTransport[];
  readonly signal: AbortSignal;
}

interface Found {
  /** Undefined where no node has enough VFs. */
  readonly site: VfSite | undefined;
  readonly features: readonly Feature[];
}

/**
 * Looks for the VFs that the configuration names: which nodes give out enough of each pool, and what their kernels and
 * kubelets tell of them.
 * @throws PlumblineError (usage) PL_SRIOV_POOL if no node at all has a pool; PL_SRIOV_PLUGIN if one with VFs lacks the plugin
 */
export async function findVfSite(kube: Pick<KubeClient, "list">, { config, nodes, signal }: Look): Promise<Found> {
  if (!config) {
    const evidence = "the configuration names no pools of VFs (cluster.sriov)";
    return { site: undefined, features: realVfFeatures({ present: false, evidence }) };
  }
  const [objects, pods] = await Promise.all([
    kube.list({ apiVersion: "v1", kind: "Node" }, { signal }),
    kube.list({ apiVersion: "v1", kind: "Pod" }, { signal }),
  ]);
  for (const { resource } of config.pools) requireAdvertised(resource, objects);
  const pools = poolsOf(config);
  const counted = nodes.map((node) => ({ node, counts: countsOn(node.node, { pools, objects, pods }) }));
  const enough = counted.filter(({ counts }) => counts.every(({ free, wanted }) => free >= wanted));
  const seen = await Promise.all(
    enough.map(async ({ node, counts }) => ({ ...(await vfsOn(node, config, signal)), counts })),
  );
  const usable = seen.flatMap(({ node, vfs, counts, problem }) =>
    problem === undefined ? [{ node, vfs, counts }] : [],
  );
  await requirePlugin(
    config.plugin,
    usable.map(({ node }) => node),
    signal,
  );
  const evidence = usable.length > 0 ? haveText(usable) : lackText(counted, seen);
  const vfs = { present: usable.length > 0, evidence };
  const features = realVfFeatures(vfs, {
    userspace:
      pools[POOL_DPDK] === undefined ? { present: false, evidence: "no pool of cluster.sriov is for user space" } : vfs,
    twoNodes: { present: usable.length > 1, evidence },
    asAsked: vfs.present ? injectorIn(pods) : vfs,
  });
  if (!vfs.present) return { site: undefined, features };
  const { plugin, cniVersion, keys, ranges } = config;
  const homes = Object.fromEntries(usable.map(({ node, vfs: here }) => [node.node, here]));
  return { site: { plugin, cniVersion, keys, pools, ranges, homes }, features };
}

/** Pools of the simulation by the resources in their place: with one pool, cases of the second take from the first. */
function poolsOf({ pools }: SriovConfig): Readonly<Record<string, string>> {
  const [first, second = first] = pools.filter(({ userspace }) => !userspace);
  const forUserspace = pools.find(({ userspace }) => userspace);
  const all = { [POOL_A]: first?.resource, [POOL_B]: second?.resource, [POOL_DPDK]: forUserspace?.resource };
  return Object.fromEntries(Object.entries(all).flatMap(([pool, resource]) => (resource ? [[pool, resource]] : [])));
}

function requireAdvertised(resource: string, objects: readonly KubeObject[]): void {
  if (objects.some((object) => (advertisedBy(object)[resource] ?? 0) > 0)) return;
  const there = objects.flatMap((object) => {
    const counts = Object.entries(advertisedBy(object)).map(([name, count]) => `${count} ${name}`);
    return counts.length > 0 ? [`${object.metadata.name}: ${counts.join(", ")}`] : [];
  });
  throw usageError("PL_SRIOV_POOL", `no node of the cluster has a device of ${resource} to give`, {
    hint:
      there.length > 0
        ? `nodes advertise ${there.join("; ")}`
        : "no node advertises any extended resource: is a device plugin running?",
    context: { setting: "cluster.sriov.pools" },
  });
}

interface Count {
  readonly resource: string;
  readonly free: number;
  readonly allocatable: number;
  readonly wanted: number;
}

interface Api {
  readonly pools: Readonly<Record<string, string>>;
  readonly objects: readonly KubeObject[];
  readonly pods: readonly KubeObject[];
}

/** One count a resource. */
function countsOn(node: string, { pools, objects, pods }: Api): readonly Count[] {
  const object = objects.find(({ metadata }) => metadata.name === node);
  return [...new Set(Object.values(pools))].map((resource) => {
    const standsFor = Object.keys(pools).filter((pool) => pools[pool] === resource);
    const allocatable = object ? (advertisedBy(object)[resource] ?? 0) : 0;
    const wanted = Math.max(...standsFor.map((pool) => ENOUGH[pool] ?? 0));
    return { resource, allocatable, free: freeOn(node, resource, { allocatable, pods }), wanted };
  });
}

interface SeenNode {
  readonly node: NodeTransport;
  readonly vfs: readonly HardwareVf[];
  /** Why its devices are none that cases can be run with. */
  readonly problem: string | undefined;
}

/** What a node itself tells of the devices that it gives out. */
async function vfsOn(node: NodeTransport, { pools }: SriovConfig, signal: AbortSignal): Promise<SeenNode> {
  const asked = {
    exec: (argv: readonly string[], options: { readonly timeoutMs: number }) => node.exec(argv, { ...options, signal }),
  };
  const [vfs, registered] = await Promise.all([hardwareVfs(asked), registeredDevices(asked)]);
  const problems = pools.flatMap(({ resource, userspace }) => {
    if (!registered) return [`the kubelet of ${node.node} keeps no checkpoint in /var/lib/kubelet`];
    return (registered[resource] ?? []).flatMap((id) => {
      const vf = vfs.find(({ pci }) => pci === id);
      if (!vf) return [`${node.node} gives out ${id} of ${resource}, which is no VF by its /sys/bus/pci`];
      const isForUserspace = USERSPACE_DRIVERS.has(vf.driver);
      if (isForUserspace === userspace) return [];
      return [
        `${id} of ${resource} on ${node.node} is bound to ${vf.driver || "no driver"}, and userspace: ${userspace} said`,
      ];
    });
  });
  return { node, vfs, problem: problems[0] };
}

async function requirePlugin(plugin: string, nodes: readonly NodeTransport[], signal: AbortSignal): Promise<void> {
  const looks = nodes.map(async (node) => {
    const argv = ["test", "-x", `/opt/cni/bin/${plugin}`];
    const { exitCode } = await node.exec(argv, { timeoutMs: TIMEOUT_MS, okExitCodes: [0, 1], signal });
    return { node: node.node, there: exitCode === 0 };
  });
  const lacking = (await Promise.all(looks)).find(({ there }) => !there);
  if (!lacking) return;
  throw usageError("PL_SRIOV_PLUGIN", `node ${lacking.node} has VFs, and no plugin ${plugin} in /opt/cni/bin`, {
    hint: "cluster.sriov.plugin names the plugin that moves VFs there; a cluster that is the user's own is not given one",
    context: { setting: "cluster.sriov.plugin" },
  });
}

function haveText(
  usable: readonly {
    readonly node: NodeTransport;
    readonly vfs: readonly HardwareVf[];
    readonly counts: readonly Count[];
  }[],
): string {
  const texts = usable.map(({ node, vfs, counts }) => {
    const drivers = [...new Set(vfs.map(({ driver }) => driver))].join(", ");
    return `${counts.map(countText).join(", ")} on ${node.node} (driver ${drivers})`;
  });
  return `VFs of NICs are free: ${texts.join("; ")}`;
}

function lackText(
  counted: readonly { readonly node: NodeTransport; readonly counts: readonly Count[] }[],
  seen: readonly SeenNode[],
): string {
  const problem = seen.flatMap((one) => one.problem ?? [])[0];
  if (problem !== undefined) return problem;
  const short = counted.flatMap(({ node, counts }) => {
    const lacking = counts.find(({ free, wanted }) => free < wanted);
    return lacking ? [`${countText(lacking)} on ${node.node}, of ${lacking.wanted} that cases need`] : [];
  });
  return `no node has enough VFs that are free: ${short.join("; ")}`;
}

function countText({ resource, free, allocatable }: Count): string {
  return `${free} of ${allocatable} ${resource}`;
}
