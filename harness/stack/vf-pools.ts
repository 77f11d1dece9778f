import { z } from "zod";
import { packageFile } from "../core/package-root.ts";
import { readFixture } from "../core/read-fixture.ts";
import type { SimulatedFunction } from "../nodes/simvf.ts";

const Pool = z.looseObject({
  /** Prefix and name, as pods ask for it. */
  resource: z.string(),
  /** Numbers of its VFs, on each node. */
  vfs: z.array(z.int().min(0)).min(1),
});

const Setup = z
  .strictObject({ vfs: z.int().min(1), dpdk: z.int().min(0), pools: z.array(Pool).min(1) })
  .superRefine(({ vfs, pools }, context) => {
    const numbers = pools.flatMap((pool) => pool.vfs);
    for (const n of numbers) {
      if (n >= vfs) context.addIssue({ code: "custom", message: `there is no VF ${n}: there are ${vfs}` });
    }
    if (new Set(numbers).size < numbers.length) context.addIssue({ code: "custom", message: "two pools have one VF" });
  });

/** How many VFs a node has, and in which pools they are. */
export type VfSetup = z.output<typeof Setup>;

/** Reads fixtures/simvf/function.yaml. @throws PlumblineError PL_FIXTURE (harness) */
export function loadVfSetup(): VfSetup {
  return readFixture(Setup, packageFile("fixtures", "simvf", "function.yaml"));
}

/** As far as it is made here; see device-plugin/config.ts. */
interface DevicePluginConfig {
  readonly devicesDir: string;
  readonly pools: readonly (Omit<VfSetup["pools"][number], "vfs"> & { readonly pciAddresses: readonly string[] })[];
}

/** What the device plugin reads: one configuration for all nodes, each of which finds its own addresses in it. */
export function devicePluginConfig(setup: VfSetup, nodes: readonly SimulatedFunction[]): DevicePluginConfig {
  const pools = setup.pools.map(({ vfs, ...pool }) => ({
    ...pool,
    pciAddresses: nodes.flatMap(({ functions }) => functions.flatMap((f) => (vfs.includes(f.vf) ? [f.pci] : []))),
  }));
  return { devicesDir: "/var/lib/plumbline/simvf/bus-pci/devices", pools };
}

/** What each node advertises when all is well: resource -> how many, as the API writes it. */
export function advertised({ pools }: VfSetup): Readonly<Record<string, string>> {
  return Object.fromEntries(pools.map(({ resource, vfs }) => [resource, String(vfs.length)]));
}
