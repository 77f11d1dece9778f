import { readdir, readFile, readlink } from "node:fs/promises";
import path from "node:path";
import type { PoolConfig } from "./config.ts";

/** A VF as the PCI tree shows it. */
export interface Vf {
  readonly address: string;
  readonly driver: string;
  /** undefined if the tree does not say */
  readonly numaNode: number | undefined;
  /** Number of its IOMMU group, for drivers of user space. */
  readonly iommuGroup: string | undefined;
}

/** The VFs of each pool. A VF is in the first pool that wants it, and devices that are none are left alone. */
export async function discover(
  devicesDir: string,
  pools: readonly PoolConfig[],
): Promise<ReadonlyMap<string, readonly Vf[]>> {
  const names = await readdir(devicesDir);
  // not toSorted, which the Node.js of Debian 12 does not have
  names.sort();
  const found = await Promise.all(names.map((name) => readVf(devicesDir, name)));
  const free = new Set(found.filter((vf) => vf !== undefined));
  const taken = new Map<string, readonly Vf[]>();
  for (const pool of pools) {
    const own = [...free].filter((vf) => wants(pool, vf));
    for (const vf of own) free.delete(vf);
    taken.set(pool.resource, own);
  }
  return taken;
}

function wants(pool: PoolConfig, vf: Vf): boolean {
  return pool.drivers.includes(vf.driver) && (pool.pciAddresses?.includes(vf.address) ?? true);
}

async function readVf(devicesDir: string, address: string): Promise<Vf | undefined> {
  const dir = path.join(devicesDir, address);
  const [physfn, driver, iommuGroup, numa] = await Promise.all([
    linkName(path.join(dir, "physfn")),
    linkName(path.join(dir, "driver")),
    linkName(path.join(dir, "iommu_group")),
    readFile(path.join(dir, "numa_node"), "utf8").catch(() => "-1"),
  ]);
  if (physfn === undefined || driver === undefined) return undefined;
  const node = Number.parseInt(numa, 10);
  return { address, driver, iommuGroup, numaNode: node >= 0 ? node : undefined };
}

async function linkName(link: string): Promise<string | undefined> {
  return path.basename(await readlink(link).catch(() => "")) || undefined;
}
