import { alternativesOf } from "../core/alternatives.ts";
import type { KubeClient } from "../kube/client.ts";
import type { NodeTransport } from "../nodes/transport.ts";
import { SRIOV_LEVELS, type SriovLevel } from "../results/sriov-levels.ts";
import type { Feature } from "./detect-features.ts";

/** What moves VFs on each level: of the simulation a plugin, by what a case can learn with it. @see ARCHITECTURE.md */
const SIMULATED_LEVELS = [
  { name: "sriov-s0", level: "S0", plugin: "host-device" },
  { name: "sriov-s1", level: "S1", plugin: "plumbline-sriov" },
  { name: "sriov-s2", level: "S2", plugin: "sriov" },
] as const;
const REAL_LEVEL = { name: "sriov-s3", level: "S3" } as const;
const LEVELS = [...SIMULATED_LEVELS, REAL_LEVEL] as const;

/** What a case needs that has VFs, whatever moves them. */
const VFS = "sriov";

/** Resources of pools of simulated VFs begin so. */
const PREFIX = "plumbline.dev/simvf";

const LOOK = `
for plugin in ${SIMULATED_LEVELS.map(({ plugin }) => plugin).join(" ")}; do
  if [ -x "/opt/cni/bin/$plugin" ]; then echo "$plugin"; fi
done`;

/**
 * Whether there are simulated VFs, and the plugins of which levels may move them.
 * @param nodes those that pods are put on
 */
export async function sriovFeatures(
  kube: Pick<KubeClient, "list">,
  nodes: readonly NodeTransport[],
  signal?: AbortSignal,
): Promise<readonly Feature[]> {
  const found = await kube.list({ apiVersion: "v1", kind: "Node" }, { signal });
  const pools = found.map(({ metadata, status }) => {
    const allocatable = Object.entries((status?.["allocatable"] ?? {}) as Readonly<Record<string, string>>);
    const counts = allocatable.filter(([resource, count]) => resource.startsWith(PREFIX) && count !== "0");
    return { node: metadata.name, counts: counts.map(([resource, count]) => `${count} ${resource}`) };
  });
  const without = pools.find(({ counts }) => counts.length === 0);
  const present = pools.length > 0 && without === undefined;
  const evidence = present
    ? `simulated VFs are allocatable: ${pools.map(({ node, counts }) => `${counts.join(", ")} on ${node}`).join("; ")}`
    : `no VF is allocatable${without ? ` on ${without.node}` : ""}`;
  const levels = present
    ? await levelsOf(nodes, signal)
    : SIMULATED_LEVELS.map(({ name }) => ({ name, present, evidence }));
  const both = `${evidence}; ${pools.length} nodes have some`;
  return [
    { name: VFS, present, evidence },
    ...levels,
    { name: REAL_LEVEL.name, present: false, evidence: "the cluster is none of the user's, with VFs of NICs" },
    ...furtherFeatures({
      simulated: { present, evidence },
      userspace: { present, evidence },
      twoNodes: { present: present && pools.length > 1, evidence: both },
      asAsked: { present, evidence },
    }),
  ];
}

type Seen = Omit<Feature, "name">;

/** What a place with VFs may lack that cases need of it. */
interface FurtherSeen {
  /** VFs have a table of what was asked, and their device plugin does as it is told. */
  readonly simulated: Seen;
  /** There is a pool whose VFs are bound to a driver of user space. */
  readonly userspace: Seen;
  readonly twoNodes: Seen;
  /** Nobody changes the number of VFs that a pod asks for. */
  readonly asAsked: Seen;
}

function furtherFeatures({ simulated, userspace, twoNodes, asAsked }: FurtherSeen): readonly Feature[] {
  return [
    { name: "sriov-simulated", ...simulated },
    { name: "sriov-userspace", ...userspace },
    { name: "sriov-two-nodes", ...twoNodes },
    { name: "sriov-as-asked", ...asAsked },
  ];
}

/**
 * The same where VFs are those of NICs, or there are none.
 * @param vfs whether cases have some, and of which pools
 */
export function realVfFeatures(
  vfs: Seen,
  further: Omit<FurtherSeen, "simulated"> = { userspace: vfs, twoNodes: vfs, asAsked: vfs },
): readonly Feature[] {
  const none = vfs.present ? "VFs are those of the cluster's NICs, and not simulated (S3)" : vfs.evidence;
  const simulated = { present: false, evidence: none };
  return [
    { name: VFS, ...vfs },
    ...SIMULATED_LEVELS.map(({ name }) => ({ name, ...simulated })),
    { name: REAL_LEVEL.name, present: vfs.present, evidence: vfs.evidence },
    ...furtherFeatures({ simulated, ...further }),
  ];
}

/** The plugin of whoever publishes one, which takes the place of plumbline-sriov on this testbed; undefined: none does. */
export function vfMoverOf(features: readonly Feature[]): string | undefined {
  const upstream = SIMULATED_LEVELS.find(({ level }) => level === "S2");
  return features.some(({ name, present }) => name === upstream?.name && present) ? upstream?.plugin : undefined;
}

async function levelsOf(nodes: readonly NodeTransport[], signal: AbortSignal | undefined): Promise<Feature[]> {
  const installed = await Promise.all(
    nodes.map(async (node) => {
      const { stdout } = await node.exec(["sh", "-c", LOOK], { timeoutMs: 15_000, signal });
      return { node: node.node, plugins: stdout.split("\n") };
    }),
  );
  return SIMULATED_LEVELS.map(({ name, level, plugin }) => {
    const lacking = installed.find(({ plugins }) => !plugins.includes(plugin));
    const evidence = lacking
      ? `there is no ${plugin} on ${lacking.node}`
      : `${plugin} lies on ${installed.map(({ node }) => node).join(" and ")}: ${SRIOV_LEVELS[level]}`;
    return { name, present: lacking === undefined, evidence };
  });
}

/**
 * The levels that a case runs on: those that it needs, or all that there are where any will do. None for a case without VFs.
 * @param needs of the case
 */
export function levelsOfCase(needs: readonly string[], features: readonly Feature[]): readonly SriovLevel[] {
  const there = LEVELS.filter(({ name }) => features.some((feature) => feature.name === name && feature.present));
  const named = needs.flatMap(alternativesOf);
  const needed = there.filter(({ name }) => named.includes(name));
  const levels = needed.length > 0 ? needed : needs.includes(VFS) ? there : [];
  return levels.map(({ level }) => level);
}
