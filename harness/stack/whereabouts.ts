import { harnessError } from "../core/errors.ts";
import type { ModuleContents, ModuleSupply } from "../images/obtain-module.ts";
import { fileWritten } from "./cni-config.ts";
import type { Component } from "./component.ts";
import { rolledOut } from "./daemon-set.ts";
import { CNI_BIN_DIR, CNI_CONF_DIR } from "../nodes/cni-folders.ts";
import {
  applyManifest,
  daemonSubject,
  patchedManifest,
  removeManifest,
  type ManifestSource,
} from "./manifest-component.ts";

interface WhereaboutsOptions {
  readonly version: string;
  readonly patches: readonly string[];
  /** Its image and manifests. A stack that is only looked at has none. */
  readonly supply?: ModuleSupply | undefined;
}

/** What it is installed from. @source whereabouts README, Installation */
export const WHEREABOUTS: ModuleContents = {
  name: "whereabouts",
  title: "Whereabouts",
  manifests: [
    "doc/crds/whereabouts.cni.cncf.io_ippools.yaml",
    "doc/crds/whereabouts.cni.cncf.io_overlappingrangeipreservations.yaml",
    "doc/crds/daemonset-install.yaml",
  ],
};

const DAEMON_SET = { namespace: "kube-system", name: "whereabouts" } as const;

/** What its DaemonSet puts on each node. @source whereabouts script/install-cni.sh, script/lib.sh */
const INSTALLED = {
  binary: `${CNI_BIN_DIR}/whereabouts`,
  configuration: `${CNI_CONF_DIR}/whereabouts.d/whereabouts.conf`,
} as const;

/** Whereabouts from its own manifests: its kinds, its rights, and the DaemonSet that installs it and frees addresses. */
export function whereabouts(options: WhereaboutsOptions): Component {
  const { version, supply } = options;
  const manifest = (): ManifestSource => whereaboutsManifest(options);
  return {
    name: "whereabouts",
    images: [],
    plugins: ["whereabouts"],
    async install(context) {
      const source = manifest();
      const { objects } = await patchedManifest(context, source);
      await applyManifest(context, source, objects);
    },
    async ready(context, deadline) {
      await rolledOut(context, DAEMON_SET, deadline);
      // its pods have no readiness probe: they count as available before they have installed anything
      const wait = { context, deadline };
      await Promise.all([
        fileWritten(INSTALLED.binary, "whereabouts", wait),
        fileWritten(INSTALLED.configuration, "whereabouts' configuration", wait),
      ]);
    },
    async subjects(context) {
      const source = manifest();
      const image = supply?.image.subject;
      return [
        await daemonSubject(context, { name: "whereabouts", version, daemonSet: DAEMON_SET, manifest: source, image }),
      ];
    },
    async remove(context) {
      await removeManifest(context, manifest());
    },
  };
}

/** Upstream's manifests, and what is changed in them. @throws PlumblineError PL_INTERNAL without a supply */
export function whereaboutsManifest({ patches, supply }: WhereaboutsOptions): ManifestSource {
  if (!supply) throw harnessError("PL_INTERNAL", "whereabouts is to be installed, but nobody has got it");
  const { ref } = supply.image;
  return {
    file: "doc/crds of whereabouts",
    text: supply.manifest,
    patches,
    values: { image: ref, tag: /:([^:/]+)$/.exec(ref)?.[1] ?? ref },
  };
}
