import { harnessError } from "../core/errors.ts";
import type { ModuleContents, ModuleSupply } from "../images/obtain-module.ts";
import type { Component } from "./component.ts";
import {
  applyManifest,
  daemonSubject,
  patchedManifest,
  removeManifest,
  type ManifestSource,
} from "./manifest-component.ts";

export interface ModuleOptions {
  readonly version: string;
  /** Names of patch files. */
  readonly patches: readonly string[];
  /** Its image and manifests. A stack that is only looked at has none. */
  readonly supply?: ModuleSupply | undefined;
}

interface ModuleParts {
  readonly contents: ModuleContents;
  /** What its manifests install on every node. */
  readonly daemonSet: { readonly namespace: string; readonly name: string };
  /** CNI plugins that it puts on the nodes. */
  readonly plugins: readonly string[];
  readonly ready: Component["ready"];
}

/** A component that is a DaemonSet out of a Go module, installed from the manifests there. */
export function moduleComponent(
  { contents, daemonSet, plugins, ready }: ModuleParts,
  options: ModuleOptions,
): Component {
  const manifest = (): ManifestSource => moduleManifest(contents, options);
  const { name } = contents;
  return {
    name,
    images: [],
    plugins,
    async install(context) {
      const source = manifest();
      const { objects } = await patchedManifest(context, source);
      await applyManifest(context, source, objects);
    },
    ready,
    async subjects(context) {
      const image = options.supply?.image.subject;
      return [await daemonSubject(context, { name, version: options.version, daemonSet, manifest: manifest(), image })];
    },
    async remove(context) {
      await removeManifest(context, manifest());
    },
  };
}

/** Upstream's manifests, and what is changed in them. @throws PlumblineError PL_INTERNAL without a supply */
export function moduleManifest(
  { name, manifests }: ModuleContents,
  { patches, supply }: Pick<ModuleOptions, "patches" | "supply">,
): ManifestSource {
  if (!supply) throw harnessError("PL_INTERNAL", `${name} is to be installed, but nobody has got it`);
  const { ref } = supply.image;
  return {
    file: `${manifests.join(", ")} of ${name}`,
    text: supply.manifest,
    patches,
    values: { image: ref, tag: /:([^:/]+)$/.exec(ref)?.[1] ?? ref },
  };
}
