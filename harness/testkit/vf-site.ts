import type { HardwareVf } from "../nodes/hardware-vfs.ts";

/**
 * VFs of real NICs (S3) that stand in the place of the simulated ones: what cases say of pools and plugins of the simulation
 * means these. Plain data, since it crosses to the lanes.
 */
export interface VfSite {
  /** Type of the plugin that moves them, the CNI version of its configurations, and further keys of these. */
  readonly plugin: string;
  readonly cniVersion: string;
  readonly keys: Readonly<Record<string, unknown>>;
  /** Pool of the simulation -> the resource in its place. */
  readonly pools: Readonly<Record<string, string>>;
  /** Ranges that are free on the link of the VFs. */
  readonly ranges: readonly string[];
  /** Nodes that have enough of them -> their VFs as they were before the first pod of ours. */
  readonly homes: Readonly<Record<string, readonly HardwareVf[]>>;
}

/** Without the links of VFs at home, which no pod has left though its MAC may be theirs: how they came home is judged apart. */
export function withoutVfs<T extends { readonly kind: string; readonly key: string }>(
  items: readonly T[],
  { site, node }: { readonly site: VfSite | undefined; readonly node: string },
): readonly T[] {
  const homes = new Set((site?.homes[node] ?? []).flatMap(({ link }) => link?.name ?? []));
  return items.filter(({ kind, key }) => kind !== "link" || !homes.has(key));
}

/** The resource that a pool is called by on this testbed. */
export function resourceOn(site: VfSite | undefined, pool: string): string {
  return site?.pools[pool] ?? pool;
}

/** Resources of a container, by their names on this testbed. */
export function resourcesOn<T>(site: VfSite | undefined, wanted: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(wanted).map(([pool, count]) => [resourceOn(site, pool), count]));
}

/** The same within a container that a pod declares. */
export function containerOn(
  site: VfSite | undefined,
  container: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const { resources } = container as { readonly resources?: { readonly limits?: Readonly<Record<string, unknown>> } };
  if (site === undefined || resources?.limits === undefined) return container;
  return { ...container, resources: { ...resources, limits: resourcesOn(site, resources.limits) } };
}
