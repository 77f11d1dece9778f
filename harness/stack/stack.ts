import { readdirSync, readFileSync } from "node:fs";
import { parse } from "yaml";
import { z } from "zod";
import { harnessError, usageError } from "../core/errors.ts";
import { nearestName } from "../core/nearest-name.ts";
import { packageFile } from "../core/package-root.ts";
import type { Component } from "./component.ts";
import { flannel, FLANNEL_NETWORK } from "./flannel.ts";
import { multus } from "./multus.ts";
import { ptp, PTP_NETWORK } from "./ptp.ts";
import { referencePlugins } from "./reference-plugins.ts";
import { simvf } from "./simvf.ts";

const Patches = z.array(z.string()).default([]);

const ComponentEntry = z.discriminatedUnion("component", [
  z.strictObject({ component: z.literal("reference-plugins"), version: z.string() }),
  z.strictObject({ component: z.literal("ptp") }),
  z.strictObject({ component: z.literal("simvf") }),
  z.strictObject({ component: z.literal("flannel"), version: z.string(), patches: Patches }),
  z.strictObject({
    component: z.literal("multus"),
    version: z.string(),
    mode: z.enum(["thick", "thin"]),
    /** Names of files in fixtures/patches, in this order. */
    patches: Patches,
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
  readonly multus: { readonly version: string; readonly mode: "thick" | "thin" };
  /** `ptp`, `flannel`, or what a cluster that was found has. */
  readonly defaultNetwork: string;
  /** `name` of the default network's configuration, as in `network-status` without Multus' prefix. */
  readonly clusterNetworkName: string;
  /** `cniVersion` of the default network's configuration. */
  readonly cniVersion: string;
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
export function stackNamed(name: string): Stack {
  const names = stackNames();
  if (!names.includes(name)) {
    const nearest = nearestName(name, names);
    throw usageError("PL_STACK_UNKNOWN", `there is no stack ${JSON.stringify(name)}`, {
      hint: nearest ? `did you mean ${nearest}?` : `there are ${names.join(", ")}`,
      context: { setting: "stack", value: name },
    });
  }
  return loadStack(name);
}

/** Loads a stack of fixtures/stacks. @throws PlumblineError PL_STACK_FILE */
export function loadStack(name: string): Stack {
  const file = packageFile("fixtures", "stacks", `${name}.yaml`);
  const parsed = StackFile.safeParse(parse(readFileSync(file, "utf8")));
  if (!parsed.success) throw stackFileError(file, z.prettifyError(parsed.error));
  const entries = parsed.data.components;
  const multusEntry = entries.find((entry) => entry.component === "multus");
  const networks = entries.flatMap((entry) =>
    entry.component === "ptp" || entry.component === "flannel" ? [entry.component] : [],
  );
  const [defaultNetwork, second] = networks;
  if (!multusEntry || !defaultNetwork || second) throw stackFileError(file, "it needs Multus and one default network");
  return {
    name,
    description: parsed.data.description,
    components: entries.map(componentOf),
    multus: { version: multusEntry.version, mode: multusEntry.mode },
    defaultNetwork,
    clusterNetworkName: NETWORKS[defaultNetwork].name,
    cniVersion: NETWORKS[defaultNetwork].cniVersion,
  };
}

function componentOf(entry: ComponentEntry): Component {
  switch (entry.component) {
    case "reference-plugins":
      return referencePlugins(entry);
    case "ptp":
      return ptp();
    case "flannel":
      return flannel(entry);
    case "simvf":
      return simvf();
    case "multus":
      return multus(entry);
  }
}

function stackFileError(file: string, why: string): Error {
  return harnessError("PL_STACK_FILE", `${file} is no stack: ${why}`);
}
