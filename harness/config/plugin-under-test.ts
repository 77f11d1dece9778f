import { readFileSync } from "node:fs";
import { usageError } from "../core/errors.ts";
import { packageFile } from "../core/package-root.ts";
import { loadNetworkTemplate, networkTypes, parseNetworkTemplate, type NetworkTemplate } from "./network-templates.ts";
import { roleIn, type PluginConfig, type PluginRole } from "./plugin-schema.ts";
import { nameOfSource, parsePluginSource, type PluginSource } from "./plugin-source.ts";

/** The user's own plugin, which cases ask in place of the reference plugins. Plain data: it crosses to lanes. */
export interface PluginUnderTest {
  /** Name of its binary, and its `type` in configurations. */
  readonly name: string;
  readonly role: PluginRole;
  readonly source: PluginSource;
  /** As the user wrote it. */
  readonly sourceText: string;
  /** The network that it is asked with. */
  readonly template: NetworkTemplate;
  /** Text of files that it needs on the nodes, by path. */
  readonly files: PluginConfig["files"];
  /** Kubernetes objects that it needs. */
  readonly objects: PluginConfig["objects"];
  /** Whether it can answer only on a cluster that stands. */
  readonly needsCluster: boolean;
  /** Whether the user said which version of CNI its configurations are written in. */
  readonly versionIsGiven: boolean;
}

/** The plugin under test as cases and networks see it, once it lies on the nodes. */
export interface SubjectPlugin extends Pick<PluginUnderTest, "name" | "role" | "template"> {
  /** What it answers to VERSION. */
  readonly supportedVersions: readonly string[];
}

/**
 * The plugin that a configuration names, with what it does not say filled in by the role.
 * @throws PlumblineError PL_PLUGIN_SOURCE (usage) if it names no binary, PL_PLUGIN_NETWORK (usage) if it must say how an
 *   IPAM plugin is configured and does not
 */
export function pluginUnderTest(config: PluginConfig): PluginUnderTest {
  const { source: sourceText } = config;
  if (sourceText === undefined) {
    throw usageError("PL_PLUGIN_SOURCE", "the key plugin names no binary", {
      hint: "give plugin.source in plumbline.yaml, or --plugin: a path, go:MODULE@VERSION#PACKAGE, or image:REF#/path",
    });
  }
  const parsed = parsePluginSource(sourceText);
  if ("problem" in parsed) throw usageError("PL_PLUGIN_SOURCE", `--plugin ${sourceText}: it ${parsed.problem}`);
  const { source } = parsed;
  const name = config.name ?? nameOfSource(source);
  const role = roleIn(config, name) ?? roleByName(name);
  const { network = {} } = config;
  const base = defaultTemplate(name, role);
  const ipam = role === "ipam" ? ownVariants(network.ipam ?? base.ipam, name) : { ...base.ipam, ...network.ipam };
  const template = { ...base, ...definedIn(network), ipam };
  const versionIsGiven = network.cniVersion !== undefined;
  const { files, objects } = config;
  const needsCluster = config.needsCluster || objects.length > 0 || Object.keys(files).length > 0;
  return { name, role, source, sourceText, template, files, objects, needsCluster, versionIsGiven };
}

/** Somebody's fork of a reference plugin is what the original is; others make interfaces. */
function roleByName(name: string): PluginRole {
  if (name in templateOf("ipam", name).ipam) return "ipam";
  if (!networkTypes().includes(name)) return "interface";
  return loadNetworkTemplate(name).plugins[0]?.type === name ? "interface" : "chained";
}

function defaultTemplate(name: string, role: PluginRole): NetworkTemplate {
  return role !== "ipam" && networkTypes().includes(name) ? loadNetworkTemplate(name) : templateOf(role, name);
}

function templateOf(role: PluginRole, name: string): NetworkTemplate {
  const text = readFileSync(packageFile("fixtures", "plugin-networks", `${role}.yaml`), "utf8");
  return parseNetworkTemplate(text.replaceAll("${plugin}", name), name);
}

/** The variants that are the plugin's. */
function ownVariants(ipam: NetworkTemplate["ipam"], name: string): NetworkTemplate["ipam"] {
  const own = Object.entries(ipam).filter(([, { type }]) => type === name);
  if (own.length > 0) return Object.fromEntries(own);
  throw usageError("PL_PLUGIN_NETWORK", `how the IPAM plugin ${name} is configured is not said`, {
    hint: `give plugin.network.ipam in plumbline.yaml, e.g. { own: { type: ${name}, range: "\${range}" } }`,
  });
}

/** Without keys whose value is undefined, which would hide a default. */
function definedIn<T extends object>(keys: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(keys).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
