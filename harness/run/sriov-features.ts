import type { KubeClient } from "../kube/client.ts";
import type { NodeTransport } from "../nodes/transport.ts";
import { SRIOV_LEVELS, type SriovLevel } from "../results/sriov-levels.ts";
import type { Feature } from "./detect-features.ts";

/** Plugins that move a VF, by what a case can learn with them. @see ARCHITECTURE.md, simulated SR-IOV */
const LEVELS = [
  { name: "sriov-s0", level: "S0", plugin: "host-device" },
  { name: "sriov-s1", level: "S1", plugin: "plumbline-sriov" },
] as const;

/** What a case needs that has VFs, whatever moves them. */
const VFS = "sriov";

/** Resources of pools of simulated VFs begin so. */
const PREFIX = "plumbline.dev/simvf";

const LOOK = `
for plugin in ${LEVELS.map(({ plugin }) => plugin).join(" ")}; do
  if [ -x "/opt/cni/bin/$plugin" ]; then echo "$plugin"; fi
done`;

/**
 * Whether there are VFs, and the plugins of which levels may move them.
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
  const levels = present ? await levelsOf(nodes, signal) : LEVELS.map(({ name }) => ({ name, present, evidence }));
  return [{ name: VFS, present, evidence }, ...levels];
}

async function levelsOf(nodes: readonly NodeTransport[], signal: AbortSignal | undefined): Promise<Feature[]> {
  const installed = await Promise.all(
    nodes.map(async (node) => {
      const { stdout } = await node.exec(["sh", "-c", LOOK], { timeoutMs: 15_000, signal });
      return { node: node.node, plugins: stdout.split("\n") };
    }),
  );
  return LEVELS.map(({ name, level, plugin }) => {
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
  const needed = there.filter(({ name }) => needs.includes(name));
  const levels = needed.length > 0 ? needed : needs.includes(VFS) ? there : [];
  return levels.map(({ level }) => level);
}
