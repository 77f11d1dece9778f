import { z } from "zod";
import { parseCidr } from "../net/address.ts";
import { CNI_VERSIONS } from "./network-templates.ts";

/** IPv4 ranges that networks of 256 addresses fit in. */
export const networkRange = z.string().refine((text) => {
  const parsed = parseCidr(text);
  return parsed?.family === 4 && parsed.prefix <= 24;
}, "is no IPv4 range of 256 addresses or more, such as 192.168.100.0/22");

/** What a case writes into the configuration of a plugin for VFs itself, or Multus does. */
const TAKEN: ReadonlySet<string> = new Set(["cniVersion", "name", "type", "ipam", "capabilities", "deviceID", "mac"]);
const OWN_PREFIX = "plumbline.dev/";

const poolSchema = z.strictObject({
  resource: z
    .string()
    .regex(/^[a-z0-9.-]+\/[A-Za-z0-9][\w.-]*$/, "is no extended resource with a prefix, such as intel.com/sriov")
    .refine((text) => !text.startsWith(OWN_PREFIX), "is of simulated VFs, which stacks of clusters of kind have")
    .describe("The extended resource by which pods ask for VFs."),
  userspace: z
    .boolean()
    .default(false)
    .describe("Its VFs are bound to a driver of user space (vfio-pci), and have no interface."),
});

/** The key `cluster.sriov`: VFs of real NICs, which the device plugin of that cluster gives out. */
export const sriovSchema = z
  .strictObject({
    plugin: z
      .string()
      .regex(/^[A-Za-z0-9][\w.-]{0,62}$/, "must be the name of a file in /opt/cni/bin")
      .default("sriov")
      .describe("The plugin that moves VFs, as the nodes have it in /opt/cni/bin."),
    cniVersion: z.enum(CNI_VERSIONS).default("1.0.0").describe("CNI version of its configurations."),
    keys: z.record(z.string(), z.unknown()).default({}).describe("Further keys of its configuration, e.g. a VLAN."),
    pools: z
      .array(poolSchema)
      .min(1)
      .describe("Pools of VFs: one, for cases about two of them another one, and one whose VFs are for user space."),
    ranges: z
      .array(networkRange)
      .min(1)
      .describe("IPv4 ranges that are free on the link of the VFs; each network takes 256 addresses."),
  })
  .superRefine(({ keys, pools }, context) => {
    const issue = (path: readonly (string | number)[], message: string): void => {
      context.addIssue({ code: "custom", path: [...path], message });
    };
    for (const key of Object.keys(keys)) {
      if (TAKEN.has(key)) issue(["keys", key], "is written by the cases or by Multus");
    }
    for (const [i, { resource }] of pools.entries()) {
      if (pools.findIndex((pool) => pool.resource === resource) < i) issue(["pools", i], "is there twice");
    }
    const moved = pools.filter(({ userspace }) => !userspace);
    if (moved.length === 0) issue(["pools"], "has no pool whose VFs have an interface");
    if (moved.length > 2 || pools.length - moved.length > 1) {
      issue(["pools"], "has more than cases ask: two pools whose VFs have an interface, and one of user space");
    }
  });

export type SriovConfig = z.output<typeof sriovSchema>;
