import { readFile } from "node:fs/promises";
import { z } from "zod";

const mount = z.strictObject({ containerPath: z.string(), hostPath: z.string(), readOnly: z.boolean().default(true) });

const pool = z.strictObject({
  /** Prefix and name, e.g. `sim.plumbline.test/vf`. */
  resource: z.string().regex(/^[a-z0-9.-]+\/[A-Za-z0-9._-]+$/u),
  /** VFs bound to one of these are in the pool, unless an earlier pool has them. */
  drivers: z.array(z.string()).min(1).default(["igbvf"]),
  /** Of those, only these. */
  pciAddresses: z.array(z.string()).optional(),
  /** Tells the kubelet nothing of NUMA nodes. */
  excludeTopology: z.boolean().default(false),
  /** What `PCIDEVICE_..._INFO` says beside the address, by address or `*`. */
  additionalInfo: z.record(z.string(), z.record(z.string(), z.string())).default({}),
  mounts: z.array(mount).default([]),
  annotations: z.record(z.string(), z.string()).default({}),
});

const config = z.strictObject({
  /** Where the kubelet has its socket and wants those of plugins. */
  socketDir: z.string().default("/var/lib/kubelet/device-plugins"),
  /** Where Multus looks for device-info files. */
  deviceInfoDir: z.string().default("/var/run/k8s.cni.cncf.io/devinfo/dp"),
  devicesDir: z.string().default("/sys/bus/pci/devices"),
  /** The file that says what is to go wrong; see control.ts. */
  controlFile: z.string().default("/var/lib/plumbline/simvf/device-plugin.json"),
  /** How often sockets and the control file are looked at besides when the kernel tells of a change. */
  lookEveryMs: z.number().int().positive().default(1000),
  pools: z
    .array(pool)
    .min(1)
    .refine((pools) => new Set(pools.map((p) => p.resource)).size === pools.length, "two pools have the same resource"),
});

export type Config = z.infer<typeof config>;
export type PoolConfig = z.infer<typeof pool>;

/** @throws Error that names the file, and what is wrong with it */
export async function loadConfig(file: string): Promise<Config> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(file, "utf8"));
  } catch (error) {
    throw new Error(`cannot read the configuration ${file}: ${String(error)}`, { cause: error });
  }
  return parseConfig(value, file);
}

/** @param file  what the value is called in the error */
export function parseConfig(value: unknown, file: string): Config {
  const result = config.safeParse(value);
  if (!result.success) throw new Error(`${file}: ${z.prettifyError(result.error)}`, { cause: result.error });
  return result.data;
}
