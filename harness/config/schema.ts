import { z } from "zod";
import { matrixSchema } from "./matrix-schema.ts";
import { kubernetesSchema } from "./kubernetes-schema.ts";
import { multusSettingsSchema } from "./multus-settings.ts";
import { multusSchema } from "./multus-schema.ts";
import { CNI_VERSIONS } from "./network-templates.ts";
import { pluginSchema } from "./plugin-schema.ts";
import { networkRange, sriovSchema } from "./sriov-schema.ts";

const name = z.string().min(1);
const positiveMs = z.int().min(1_000).max(3_600_000);

const imagesSchema = z
  .strictObject({
    source: z
      .enum(["auto", "registry", "mirror", "build"])
      .default("auto")
      .describe("Where images come from. auto takes the registry if it answers, and builds them otherwise."),
    mirror: name
      .optional()
      .describe(
        "Prefix that stands for the registries of the images, e.g. registry.example.com/mirror; needs source auto or mirror.",
      )
      .meta({ examples: ["registry.example.com/mirror"] }),
  })
  .superRefine((images, context) => {
    if (images.source === "mirror" && images.mirror === undefined) {
      context.addIssue({ code: "custom", path: ["source"], message: "source mirror needs the key images.mirror" });
    }
  });

const timeoutsSchema = z.strictObject({
  podReadyMs: positiveMs
    .default(60_000)
    .describe("How long a pod may take until it is Ready, in milliseconds; as long again while its setup goes on."),
  teardownMs: positiveMs
    .default(60_000)
    .describe("How long a node may keep anything of a pod after it is gone, in milliseconds."),
});

const clusterSchema = z
  .strictObject({
    provider: z
      .enum(["kind", "existing"])
      .default("kind")
      .describe(
        "kind makes a cluster; existing takes the one of cluster.kubeconfig as it is, and replaces nothing in it.",
      ),
    name: z
      .string()
      .regex(/^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$/, "must be 1 to 32 lower-case letters, digits and hyphens")
      .optional()
      .describe("Name of the kind cluster, of its Docker network and of its nodes. Default: plumbline-STACK.")
      .meta({ examples: ["lab"] }),
    kubeconfig: name
      .optional()
      .describe("Existing: the file by which the cluster is reached.")
      .meta({ examples: ["./kubeconfig"] }),
    context: name
      .optional()
      .describe("Existing: a context of that file. Default: its current one.")
      .meta({ examples: ["lab"] }),
    image: name
      .optional()
      .describe(
        "Existing: image of the agent and of the pods of cases, which the nodes can pull. Default: one that is made here, for nodes of kind on this host.",
      )
      .meta({ examples: ["registry.example.com/plumbline-agent:1"] }),
    master: z
      .string()
      .regex(/^[^/\s]{1,15}$/, "is no name of an interface")
      .optional()
      .describe("Existing: interface of the nodes that pods may be put on. Without it such cases are skipped.")
      .meta({ examples: ["eth1"] }),
    ranges: z
      .array(networkRange)
      .min(1)
      .optional()
      .describe("Existing: IPv4 ranges that are free on that interface's link; each network takes 256 addresses.")
      .meta({ examples: [["192.168.100.0/22"]] }),
    defaultNetwork: name
      .optional()
      .describe("Existing: name of the default network, where the nodes have more than one that could be it.")
      .meta({ examples: ["cbr0"] }),
    allowDisruptive: z
      .boolean()
      .default(false)
      .describe("Existing: let cases restart Multus, and stand in front of plugins that are there."),
    sriov: sriovSchema
      .optional()
      .describe("Existing: VFs of real NICs that the cluster gives out. Without it the cases of VFs are skipped.")
      .meta({ examples: [{ pools: [{ resource: "intel.com/sriov" }], ranges: ["192.168.128.0/18"] }] }),
  })
  .superRefine(({ provider, kubeconfig, master, ranges, sriov }, context) => {
    const issue = (key: string, message: string): void => {
      context.addIssue({ code: "custom", path: [key], message });
    };
    if (provider === "existing" && kubeconfig === undefined) {
      issue("provider", "existing needs the key cluster.kubeconfig");
    }
    if (provider === "kind" && kubeconfig !== undefined) {
      issue("kubeconfig", "needs provider existing: a cluster of kind has its own");
    }
    if (provider === "kind" && sriov !== undefined) {
      issue("sriov", "needs provider existing: a cluster of kind has simulated VFs by its stack, e.g. ptp-thick-simvf");
    }
    if (master !== undefined && ranges === undefined) issue("master", "needs the key cluster.ranges");
    if (ranges !== undefined && master === undefined) issue("ranges", "needs the key cluster.master");
  });

/** plumbline.yaml. Names of stacks, profiles and cases are resolved by their owners. */
export const configSchema = z
  .strictObject({
    stack: name.default("ptp-thick").describe("The stack to install; `plumbline list stacks` names them."),
    profile: name
      .optional()
      .describe(
        "The set of cases to run; `plumbline list profiles` names them. Without one: quick, or full where layers, features or grep choose.",
      )
      .meta({ examples: ["quick"] }),
    cases: z.array(name).default([]).describe("Run only these cases, by id. Empty: all of the profile."),
    suites: z
      .array(name)
      .default([])
      .describe(
        "Your own suites, files such as ./my.suite.js or folders of them. Their cases are run with any profile.",
      ),
    grep: z
      .string()
      .refine(isExpression, "is not a regular expression")
      .optional()
      .describe("Run only cases whose id or title matches this regular expression.")
      .meta({ examples: ["^RTE"] }),
    layers: z
      .array(z.enum(["L0", "L1", "L2", "L3"]))
      .default([])
      .describe("Run only cases of these layers: L0 plugins by themselves, L1 one pod, L2 several, L3 long ones."),
    features: z
      .array(name)
      .default([])
      .describe("Run only cases that need one of these features of the testbed, e.g. kernel-macvlan."),
    kubernetes: kubernetesSchema
      .optional()
      .describe(
        "Another release of Kubernetes than the one that comes with the package. Where images are built, so is it.",
      )
      .meta({ examples: ["v1.33.13"] }),
    multus: multusSchema
      .optional()
      .describe(
        "Another Multus than that of the stack: a version such as v4.2.3, a checkout such as ./multus-cni, go:MODULE@VERSION, or image:REF.",
      )
      .meta({ examples: ["v4.2.3"] }),
    cniVersion: z
      .enum(CNI_VERSIONS)
      .optional()
      .describe("CNI version of the default network's configuration and of Multus' own. Default: as they are shipped.")
      .meta({ examples: ["1.0.0"] }),
    multusConfig: multusSettingsSchema
      .optional()
      .describe("Keys of Multus' own configuration, over those of the stack, e.g. namespaceIsolation."),
    lanes: z.int().min(1).max(64).default(1).describe("Number of processes that run cases side by side."),
    workers: z.int().min(0).max(20).default(1).describe("Number of worker nodes beside the control plane."),
    ipFamily: z.enum(["ipv4", "dual"]).default("ipv4").describe("Addresses of the cluster: IPv4 alone, or dual stack."),
    reuse: z
      .boolean()
      .default(false)
      .describe("Take a running cluster of the same specification instead of a new one."),
    keep: z.boolean().default(false).describe("Leave the cluster running at the end."),
    out: name.default("plumbline-out").describe("Folder for the run record and the reports."),
    images: imagesSchema.prefault({}).describe("Where images come from."),
    timeouts: timeoutsSchema.prefault({}).describe("Bounds of what is waited for."),
    cluster: clusterSchema.prefault({}).describe("The cluster."),
    plugin: pluginSchema.optional().describe("Your own plugin, which cases ask in place of the reference plugins."),
    matrix: matrixSchema.optional().describe("What `plumbline matrix` runs cell by cell: axes with their values."),
  })
  .describe("Configuration of plumbline. The command line wins over this file.");

export type Config = z.output<typeof configSchema>;

/** What holds if neither file nor command line say anything. */
export const defaultConfig: Config = configSchema.parse({});

/** JSON Schema (draft 2020-12) of plumbline.yaml, for editors. */
export function configJsonSchema(): Readonly<Record<string, unknown>> {
  return { title: "plumbline.yaml", ...z.toJSONSchema(configSchema, { io: "input" }) };
}

function isExpression(text: string): boolean {
  try {
    return new RegExp(text) instanceof RegExp;
  } catch {
    return false;
  }
}
