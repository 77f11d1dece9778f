import type { ModuleContents } from "../images/obtain-module.ts";
import { CNI_BIN_DIR, CNI_CONF_DIR } from "../nodes/cni-folders.ts";
import { fileWritten } from "./cni-config.ts";
import type { Component } from "./component.ts";
import { rolledOut } from "./daemon-set.ts";
import { moduleComponent, type ModuleOptions } from "./module-component.ts";

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
export function whereabouts(options: ModuleOptions): Component {
  const ready: Component["ready"] = async (context, deadline) => {
    await rolledOut(context, DAEMON_SET, deadline);
    // its pods have no readiness probe: they count as available before they have installed anything
    const wait = { context, deadline };
    await Promise.all([
      fileWritten(INSTALLED.binary, "whereabouts", wait),
      fileWritten(INSTALLED.configuration, "whereabouts' configuration", wait),
    ]);
  };
  const parts = { contents: WHEREABOUTS, daemonSet: DAEMON_SET, plugins: ["whereabouts"], ready };
  return moduleComponent(parts, options);
}
