import { z } from "zod";
import { nearestName } from "../core/nearest-name.ts";
import { NETWORK_KEYS, PLACEHOLDERS } from "./network-templates.ts";
import { nameOfSource, parsePluginSource } from "./plugin-source.ts";

/** What a plugin does in a list: makes the interface, changes what another has made, or gives addresses. */
export const PLUGIN_ROLES = ["interface", "chained", "ipam"] as const;
export type PluginRole = (typeof PLUGIN_ROLES)[number];

const objectSchema = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), namespace: z.string().optional() }),
});

const { linkKind, cniVersion, plugins, ipam, needs, remains } = NETWORK_KEYS;

const networkSchema = z.strictObject({
  linkKind: linkKind.optional(),
  cniVersion: cniVersion.optional(),
  plugins: plugins.optional(),
  ipam: ipam.optional(),
  needs: needs.optional(),
  remains: remains.optional(),
});

/** The key `plugin` of plumbline.yaml. */
export const pluginSchema = z
  .strictObject({
    source: z
      .string()
      .min(1)
      .optional()
      .describe("The binary: a path, go:MODULE@VERSION#PACKAGE, or image:REF#/path. --plugin wins over it.")
      .meta({ examples: ["./bin/my-cni"] }),
    name: z
      .string()
      .regex(/^[A-Za-z0-9][\w.-]{0,62}$/, "must be the name of a file: letters, digits, dots, hyphens, underscores")
      .optional()
      .describe("Name of the binary on the nodes, its `type` in configurations. Default: from the source.")
      .meta({ examples: ["my-cni"] }),
    role: z
      .enum(PLUGIN_ROLES)
      .optional()
      .describe("interface makes an interface, chained changes one, ipam gives addresses. Default: from the network.")
      .meta({ examples: ["interface"] }),
    network: networkSchema
      .optional()
      .describe("The network that cases ask the plugin with, as the files of fixtures/networks. Default: by the role.")
      .meta({ examples: [{ plugins: [{ type: "my-cni", ipam: "${ipam}" }] }] }),
    files: z
      .record(z.string(), z.string())
      .default({})
      .describe("Files that the plugin needs on the nodes, by their absolute path; written before it is asked."),
    needsCluster: z
      .boolean()
      .default(false)
      .describe(
        "It cannot answer before its cluster stands: then it is asked by itself only after. So it is where it needs files or objects.",
      ),
    objects: z
      .array(objectSchema)
      .default([])
      .describe(
        "Kubernetes objects that the plugin needs, such as CustomResourceDefinitions; made before it is asked.",
      ),
  })
  .superRefine((plugin, context) => {
    const issue: Issue = (path, message) => context.addIssue({ code: "custom", path: [...path], message });
    const parsed = plugin.source === undefined ? undefined : parsePluginSource(plugin.source);
    if (parsed && "problem" in parsed) issue(["source"], parsed.problem);
    for (const path of Object.keys(plugin.files)) {
      if (!/^(\/[\w.-]+)+$/.test(path)) issue(["files", path], "has no absolute path on a node for its name");
    }
    checkPlaceholders(plugin.network, ["network"], issue);
    const name = plugin.name ?? (parsed && "source" in parsed ? nameOfSource(parsed.source) : undefined);
    if (name !== undefined) checkNetwork({ ...plugin, name }, issue);
  });

export type PluginConfig = z.output<typeof pluginSchema>;
type Issue = (path: readonly (string | number)[], message: string) => void;

/** What is taken for the role where nothing is said, or undefined if neither template nor name tell. */
export function roleIn(plugin: Pick<PluginConfig, "role" | "network">, name: string): PluginRole | undefined {
  if (plugin.role !== undefined) return plugin.role;
  const place = plugin.network?.plugins?.findIndex(({ type }) => type === name) ?? -1;
  if (place >= 0) return place === 0 ? "interface" : "chained";
  if (Object.values(plugin.network?.ipam ?? {}).some(({ type }) => type === name)) return "ipam";
  return undefined;
}

function checkNetwork(plugin: PluginConfig & { readonly name: string }, issue: Issue): void {
  const { name, network } = plugin;
  const role = roleIn(plugin, name);
  const list = network?.plugins;
  const place = list?.findIndex(({ type }) => type === name) ?? -1;
  if (list && role !== "ipam") {
    if (place < 0) issue(["network", "plugins"], `has no plugin of the type ${name}, which is under test`);
    else if (role === "interface" && place > 0) {
      issue(
        ["network", "plugins", place],
        `is not the first of the list, where the plugin that makes the interface is`,
      );
    } else if (role === "chained" && place === 0) {
      issue(["network", "plugins", 0], `is the first of the list, where a chained plugin has nothing to change`);
    }
  }
  if (list && !JSON.stringify(list).includes('"${ipam}"')) {
    issue(["network", "plugins"], "lacks the placeholder ${ipam}: the cases could not tell its addresses");
  }
  if (role === "ipam" && network?.ipam && !Object.values(network.ipam).some(({ type }) => type === name)) {
    issue(["network", "ipam"], `has no variant of the type ${name}, which is under test`);
  }
  for (const [variant, config] of Object.entries(network?.ipam ?? {})) {
    if (/\$\{(range6?|address)\}/.test(JSON.stringify(config))) continue;
    issue(
      ["network", "ipam", variant],
      "lacks the placeholder ${range} or ${address}: every network must have its own addresses",
    );
  }
}

const KNOWN: readonly string[] = [...PLACEHOLDERS, "ipam"];

/** Every placeholder must be one that has a value. */
function checkPlaceholders(value: unknown, path: readonly (string | number)[], issue: Issue): void {
  if (typeof value === "string") {
    for (const [whole, name = ""] of value.matchAll(/\$\{([^}]*)\}/g)) {
      if (KNOWN.includes(name)) continue;
      const near = nearestName(name, KNOWN);
      const known = near ? `did you mean \${${near}}?` : `known are ${KNOWN.join(", ")}`;
      issue(path, `has the unknown placeholder ${whole}; ${known}`);
    }
  } else if (Array.isArray(value)) {
    for (const [i, item] of value.entries()) checkPlaceholders(item, [...path, i], issue);
  } else if (typeof value === "object" && value !== null) {
    for (const [key, item] of Object.entries(value)) checkPlaceholders(item, [...path, key], issue);
  }
}
