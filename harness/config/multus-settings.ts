import { z } from "zod";

const file = z.string().regex(/^\/\S*$/, "is not an absolute path");
const word = z.string().min(1);
const setting = <T extends z.ZodType>(type: T, description: string, example: z.output<T>) =>
  type
    .optional()
    .describe(description)
    .meta({ examples: [example] });

/**
 * Keys of Multus' own configuration that a stack may have. Those that the harness itself depends on (where the logs are,
 * directories, the namespace of Multus, the cluster network) are none of them, and neither is `defaultNetworks`: what a
 * pod gets is the cases' to say.
 *
 * @source multus-cni v4.3.0, docs/configuration.md and docs/thick-plugin.md
 */
export const multusSettingsSchema = z
  .strictObject({
    namespaceIsolation: setting(z.boolean(), "Pods may name networks of their own namespace alone.", true),
    globalNamespaces: setting(
      z.string(),
      "Namespaces whose networks all pods may name nevertheless, with commas between them.",
      "default,shared-networks",
    ),
    readinessindicatorfile: setting(
      file,
      "File that must be there before Multus attaches anything, by the path that Multus sees: the daemon has /etc/cni/net.d of its node as /host/etc/cni/net.d.",
      "/host/etc/cni/net.d/10-flannel.conflist",
    ),
    connectionLimit: setting(z.int().min(1), "How many requests the daemon answers at once (thick).", 8),
    metricsPort: setting(z.int().min(1).max(65_535), "Port of the daemon's metrics (thick).", 9091),
    systemNamespaces: setting(z.array(word), "Namespaces whose pods get no default networks (thick).", ["kube-system"]),
    auxiliaryCNIChainName: setting(word, "Name of the chain that runs after all networks (thick).", "vendor-chain"),
    retryDeleteOnError: setting(z.boolean(), "Whether DEL fails if a delegate's did (thick).", true),
  })
  .refine((keys) => Object.keys(keys).length > 0, "needs at least one key");

export type MultusSettings = z.output<typeof multusSettingsSchema>;
