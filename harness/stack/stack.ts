import { readdirSync, readFileSync } from "node:fs";
import { z } from "zod";
import { multusSettingsSchema, type MultusSettings } from "../config/multus-settings.ts";
import { harnessError, usageError } from "../core/errors.ts";
import { canonicalJson } from "../core/json.ts";
import { nearestName } from "../core/nearest-name.ts";
import { packageFile } from "../core/package-root.ts";
import { parseFixture } from "../core/read-fixture.ts";
import type { DevicePluginSupply } from "../images/obtain-device-plugin.ts";
import type { VfPluginSupply } from "../images/obtain-vf-plugin.ts";
import type { MultusSupply } from "../images/obtain-multus.ts";
import type { ModuleSupply } from "../images/obtain-module.ts";
import type { NetworkSupply } from "../images/obtain-network.ts";
import { publishedNetwork, type PublishedNetwork } from "../images/published-network.ts";
import type { Component } from "./component.ts";
import { flannel, FLANNEL_NETWORK } from "./flannel.ts";
import { kubeRouter } from "./kube-router.ts";
import { multus } from "./multus.ts";
import { settingsId } from "./multus-settings.ts";
import { ownDevicePlugin } from "./own-device-plugin.ts";
import { ptp, PTP_NETWORK } from "./ptp.ts";
import { publishedNetworkComponent } from "./published-network.ts";
import { referencePlugins } from "./reference-plugins.ts";
import { simvf } from "./simvf.ts";
import { upstreamDevicePlugin } from "./upstream-device-plugin.ts";
import { OWN_VF_PLUGIN, upstreamVfPlugin } from "./vf-plugin.ts";
import { whereabouts } from "./whereabouts.ts";

const Patches = z.array(z.string()).default([]);

const ComponentEntry = z.discriminatedUnion("component", [
  z.strictObject({ component: z.literal("reference-plugins"), version: z.string() }),
  z.strictObject({ component: z.literal("ptp") }),
  z.strictObject({
    component: z.literal("simvf"),
    /** What gives the VFs out: the project's own, or upstream's, whose image is pulled and not built. */
    devicePlugin: z.enum(["own", "upstream"]).default("own"),
    /** What the physical function is made of. That of netdevsim has a driver, so upstream's sriov-cni can ask it. */
    function: z.enum(["veth", "netdevsim"]).default("veth"),
  }),
  z.strictObject({ component: z.literal("flannel"), version: z.string(), patches: Patches }),
  z.strictObject({ component: z.literal("whereabouts"), version: z.string(), patches: Patches }),
  /** Enforces NetworkPolicy, for default networks that do not. */
  z.strictObject({ component: z.literal("kube-router"), version: z.string(), patches: Patches }),
  /** Name of a file in fixtures/default-networks. */
  z.strictObject({ component: z.literal("published-network"), name: z.string() }),
  z.strictObject({
    component: z.literal("multus"),
    version: z.string(),
    mode: z.enum(["thick", "thin"]),
    /** Names of files in fixtures/patches, in this order. */
    patches: Patches,
    settings: multusSettingsSchema.optional(),
  }),
]);
type ComponentEntry = z.infer<typeof ComponentEntry>;

const StackFile = z.strictObject({
  description: z.string(),
  /** What is installed; readers may rely on the order: below before above. */
  components: z.array(ComponentEntry),
});

/** A named set of components with versions and modes. */
export interface Stack {
  readonly name: string;
  readonly description: string;
  readonly components: readonly Component[];
  readonly multus: {
    readonly version: string;
    readonly mode: "thick" | "thin";
    /** What its configuration has besides what is shipped; unknown in a cluster that was found. */
    readonly settings?: MultusSettings;
  };
  /** `ptp`, `flannel`, `calico` and so on, or what a cluster that was found has. */
  readonly defaultNetwork: string;
  /** Where it is one that is installed from what its project publishes. */
  readonly published?: PublishedNetwork;
  /** What gives simulated VFs out, where there are any. */
  readonly devicePlugin?: "own" | "upstream";
  /** What the simulated function of each node is made of, where there is one. */
  readonly vfFunction?: "veth" | "netdevsim";
  /** `name` of the default network's configuration, as in `network-status` without Multus' prefix. */
  readonly clusterNetworkName: string;
  /** `cniVersion` of the default network's configuration. */
  readonly cniVersion: string;
  /** Equal for stacks that differ in Multus alone, which can be changed in place. */
  readonly base: string;
  /** The stack with everything in it that was asked for; its name if that is nothing. */
  readonly identity: string;
}

/** What of a stack is otherwise than its file says, and what its file cannot say. */
export interface StackChanges {
  readonly multus?: MultusSupply | undefined;
  /** What components are installed from that come out of a Go module, by their names, in stacks that have them. */
  readonly modules?: Readonly<Record<string, ModuleSupply>> | undefined;
  /** What its default network is installed from, where that is a published one. It makes no other stack of it. */
  readonly network?: NetworkSupply | undefined;
  /** What upstream's device plugin is installed from, in stacks that have it. */
  readonly devicePlugin?: DevicePluginSupply | undefined;
  /** Upstream's plugin for VFs, in stacks that have it. */
  readonly vfPlugin?: VfPluginSupply | undefined;
  /** Of the default network's configuration and of Multus' own. */
  readonly cniVersion?: string | undefined;
  /** Of Multus, over those of the stack. */
  readonly multusSettings?: MultusSettings | undefined;
}

const NETWORKS = { ptp: PTP_NETWORK, flannel: FLANNEL_NETWORK } as const;

/** Names of all stacks, sorted. */
export function stackNames(): string[] {
  return readdirSync(packageFile("fixtures", "stacks"))
    .filter((file) => file.endsWith(".yaml"))
    .map((file) => file.replace(/\.yaml$/, ""))
    .toSorted();
}

/** @throws PlumblineError PL_STACK_UNKNOWN (usage), PL_STACK_FILE */
export function stackNamed(name: string, changes: StackChanges = {}): Stack {
  const names = stackNames();
  if (!names.includes(name)) {
    const nearest = nearestName(name, names);
    throw usageError("PL_STACK_UNKNOWN", `there is no stack ${JSON.stringify(name)}`, {
      hint: nearest ? `did you mean ${nearest}?` : `there are ${names.join(", ")}`,
      context: { setting: "stack", value: name },
    });
  }
  return loadStack(name, changes);
}

/** Loads a stack of fixtures/stacks. @throws PlumblineError PL_STACK_FILE */
export function loadStack(name: string, changes: StackChanges = {}): Stack {
  const file = packageFile("fixtures", "stacks", `${name}.yaml`);
  const parsed = StackFile.safeParse(parseFixture(readFileSync(file, "utf8"), file));
  if (!parsed.success) throw stackFileError(file, z.prettifyError(parsed.error));
  const entries = parsed.data.components;
  const multusEntry = entries.find((entry) => entry.component === "multus");
  const [network, second] = entries.flatMap((entry) => networkOf(entry, file) ?? []);
  const vfs = entries.find((entry) => entry.component === "simvf");
  if (!multusEntry || !network || second) throw stackFileError(file, "it needs Multus and one default network");
  return {
    name,
    description: parsed.data.description,
    components: entries.map((entry) => componentOf(entry, changes, network.published)),
    multus: {
      version: changes.multus?.image.subject.version ?? multusEntry.version,
      mode: multusEntry.mode,
      ...settingsOf(multusEntry, changes),
    },
    defaultNetwork: network.kind,
    clusterNetworkName: network.name,
    cniVersion: changes.cniVersion ?? network.cniVersion,
    ...(network.published ? { published: network.published } : {}),
    ...(vfs ? { devicePlugin: vfs.devicePlugin, vfFunction: vfs.function } : {}),
    base: canonicalJson([entries.filter((entry) => entry !== multusEntry), changes.cniVersion]),
    identity: identityOf(name, changes),
  };
}

interface DefaultNetwork {
  readonly kind: string;
  /** Of its configuration, as `cniVersion`. */
  readonly name: string;
  readonly cniVersion: string;
  readonly published?: PublishedNetwork;
}

/** The default network that an entry is; undefined if it is something else. */
function networkOf(entry: ComponentEntry, file: string): DefaultNetwork | undefined {
  if (entry.component === "ptp" || entry.component === "flannel") {
    return { kind: entry.component, ...NETWORKS[entry.component] };
  }
  if (entry.component !== "published-network") return undefined;
  const published = publishedNetwork(entry.name);
  if (!published) throw stackFileError(file, `there is no default network ${entry.name}`);
  const { name, cniVersion } = published.conf;
  return { kind: entry.name, name, cniVersion, published };
}

/** Whether a cluster whose stack has that identity becomes the wanted one when its Multus alone is changed. */
export function differsInMultusAlone(made: string, wanted: Stack): boolean {
  const { name = "", cniVersion } = IDENTITY.exec(made)?.groups ?? {};
  return (
    made !== wanted.identity && stackNames().includes(name) && loadStack(name, { cniVersion }).base === wanted.base
  );
}

const IDENTITY = /^(?<name>[^ ]+)(?: cni (?<cniVersion>[^ ]+))?(?: multus [^ ]+)?(?: settings [^ ]+)?$/;

function identityOf(name: string, { cniVersion, multus: supply, multusSettings: settings }: StackChanges): string {
  const parts = [name, ...(cniVersion === undefined ? [] : [`cni ${cniVersion}`])];
  if (supply) parts.push(`multus ${supply.image.id}`);
  if (settings) parts.push(`settings ${settingsId(settings)}`);
  return parts.join(" ");
}

function componentOf(entry: ComponentEntry, changes: StackChanges, published: PublishedNetwork | undefined): Component {
  const { multus: supply, network, cniVersion } = changes;
  switch (entry.component) {
    case "published-network":
      if (!published) throw harnessError("PL_STACK_FILE", `there is no default network ${entry.name}`);
      return publishedNetworkComponent(published, network);
    case "reference-plugins":
      return referencePlugins(entry);
    case "ptp":
      return ptp({ cniVersion });
    case "flannel":
      return flannel({ ...entry, cniVersion });
    case "simvf":
      return simvf({
        devicePlugin:
          entry.devicePlugin === "upstream" ? upstreamDevicePlugin(changes.devicePlugin) : ownDevicePlugin(),
        mover: entry.function === "netdevsim" ? upstreamVfPlugin(changes.vfPlugin) : OWN_VF_PLUGIN,
      });
    case "whereabouts":
      return whereabouts({ ...entry, supply: changes.modules?.[entry.component] });
    case "kube-router":
      return kubeRouter({ ...entry, supply: changes.modules?.[entry.component] });
    case "multus":
      return multus({ ...entry, supply, cniVersion, ...settingsOf(entry, changes) });
  }
}

/** The keys of both; those that were asked for win. */
function settingsOf(
  { settings }: { readonly settings?: MultusSettings | undefined },
  { multusSettings }: StackChanges,
): { readonly settings?: MultusSettings } {
  return settings || multusSettings ? { settings: { ...settings, ...multusSettings } } : {};
}

function stackFileError(file: string, why: string): Error {
  return harnessError("PL_STACK_FILE", `${file} is no stack: ${why}`);
}
