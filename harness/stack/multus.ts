import { MULTUS_DAEMON_SET, MULTUS_PODS } from "../cluster/multus-objects.ts";
import type { MultusSettings } from "../config/multus-settings.ts";
import { Deadline } from "../core/deadline.ts";
import { MULTUS_MANIFESTS, type MultusSupply } from "../images/obtain-multus.ts";
import type { Component } from "./component.ts";
import { defaultNetworkWritten, runtimeUses } from "./cni-config.ts";
import { rolledOut } from "./daemon-set.ts";
import { withLastWords } from "./last-words.ts";
import { givenNetworks, settingsPatches } from "./multus-settings.ts";
import {
  applyManifest,
  daemonSubject,
  patchedManifest,
  removeManifest,
  type ManifestSource,
} from "./manifest-component.ts";

interface MultusOptions {
  readonly version: string;
  readonly mode: "thick" | "thin";
  readonly patches: readonly string[];
  /** Another one than that of the node image. */
  readonly supply?: MultusSupply | undefined;
  /** Default: as the manifest has it. */
  readonly cniVersion?: string | undefined;
  /** Default: none. */
  readonly settings?: MultusSettings | undefined;
}

const REPOSITORY = "ghcr.io/k8snetworkplumbingwg/multus-cni";

/** Name of the network that Multus writes for the runtime. */
export const MULTUS_NETWORK = "multus-cni-network";

/** Multus from its own manifests. */
export function multus(options: MultusOptions): Component {
  const { supply } = options;
  const manifest = multusManifest(options);
  return {
    name: "multus",
    images: supply ? [] : [`multus-${options.mode}`],
    plugins: [options.mode === "thick" ? "multus-shim" : "multus", "passthru"],
    async install(context) {
      const { objects } = await patchedManifest(context, manifest);
      const daemons = objects.filter((object) => object.kind === "DaemonSet");
      const others = objects.filter((object) => object.kind !== "DaemonSet");
      await applyManifest(context, manifest, others);
      // The thin entrypoint ends if it finds no default network, and is then restarted ever more slowly. The thick one
      // waits, so that it can start meanwhile.
      if (options.mode === "thin") await defaultNetworkWritten({ context, deadline: Deadline.in(120_000) });
      await context.kube.apply(givenNetworks(options.settings ?? {}), { signal: context.signal });
      await applyManifest(context, manifest, daemons);
    },
    async ready(context, deadline) {
      // the second asks every node's runtime again and again, so it waits for the first
      await withLastWords(context.kube, MULTUS_PODS, async () => {
        await rolledOut(context, MULTUS_DAEMON_SET, deadline);
        await runtimeUses(MULTUS_NETWORK, { context, deadline });
      });
    },
    async subjects(context) {
      const subject = await daemonSubject(context, {
        name: "multus",
        version: supply?.image.subject.version ?? options.version,
        daemonSet: MULTUS_DAEMON_SET,
        manifest,
        image: supply?.image.subject,
      });
      return [subject];
    },
    async remove(context) {
      await removeManifest(context, manifest);
    },
  };
}

/** Upstream's manifest of this Multus, and what is changed in it. */
export function multusManifest(options: MultusOptions): ManifestSource {
  const { version, mode, patches, supply, cniVersion, settings = {} } = options;
  const ref = supply?.image.ref ?? `${REPOSITORY}:${version}${mode === "thick" ? "-thick" : ""}`;
  return {
    file: MULTUS_MANIFESTS[mode],
    text: supply?.manifest,
    patches: cniVersion === undefined ? patches : [...patches, `multus-${mode}-cni-version`],
    values: {
      image: ref,
      tag: /:([^:/]+)$/.exec(ref)?.[1] ?? ref,
      ...(cniVersion === undefined ? {} : { cniVersion }),
    },
    further: settingsPatches(settings, mode),
  };
}
