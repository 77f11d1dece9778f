import { z } from "zod";

const file = z.string().regex(/^\/\S*$/, "is not an absolute path");
const word = z.string().min(1);
const setting = <T extends z.ZodType>(type: T, description: string, example: z.output<T>) =>
  type
    .optional()
    .describe(description)
    .meta({ examples: [example] });

/** A network that Multus gives every pod: its definition is made of the configuration, under that name. */
const defaultNetwork = z.strictObject({
  name: z
    .string()
    .max(63)
    .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, "is no name of a network: lower case, digits and -"),
  config: z
    .looseObject({
      type: word.optional(),
      plugins: z
        .array(z.looseObject({ type: word }))
        .min(1)
        .optional(),
    })
    .refine(({ type, plugins }) => (type === undefined) !== (plugins === undefined), "needs either type or plugins"),
});

/**
 * Keys of Multus' own configuration that a stack may have. Those that the harness itself depends on (where the logs are,
 * directories, the namespace of Multus, the cluster network) are none of them.
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
    defaultNetworks: setting(
      z.array(defaultNetwork).min(1),
      "Networks that every pod gets besides what it asks for; cases that count what pods have are skipped then (thick).",
      [{ name: "storage", config: { type: "macvlan", master: "eth0", ipam: { type: "dhcp" } } }],
    ),
    connectionLimit: setting(z.int().min(1), "How many requests the daemon answers at once (thick).", 8),
    metricsPort: setting(z.int().min(1).max(65_535), "Port of the daemon's metrics (thick).", 9091),
    systemNamespaces: setting(z.array(word), "Namespaces whose pods get no default networks (thick).", ["kube-system"]),
    auxiliaryCNIChainName: setting(word, "Name of the chain that runs after all networks (thick).", "vendor-chain"),
    retryDeleteOnError: setting(z.boolean(), "Whether DEL fails if a delegate's did (thick).", true),
  })
  .refine((keys) => Object.keys(keys).length > 0, "needs at least one key");

export type MultusSettings = z.output<typeof multusSettingsSchema>;
