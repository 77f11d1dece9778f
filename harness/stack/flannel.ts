import type { Component } from "./component.ts";
import { defaultNetworkWritten, fileWritten } from "./cni-config.ts";
import { rolledOut } from "./daemon-set.ts";
import { applyManifest, daemonSubject, patchedManifest, removeManifest } from "./manifest-component.ts";

/** Name and CNI version of the conflist in flannel's manifest. */
export const FLANNEL_NETWORK = { name: "cbr0", cniVersion: "0.3.1" } as const;

const DAEMON_SET = { namespace: "kube-flannel", name: "kube-flannel-ds" } as const;

/** The node's subnet, which flannel's CNI plugin reads. @source flannel main.go, `--subnet-file` */
const SUBNET_FILE = "/run/flannel/subnet.env";

/** Flannel from its own manifest, VXLAN. */
export function flannel(options: {
  readonly version: string;
  readonly patches: readonly string[];
  /** Default: as its manifest has it. */
  readonly cniVersion?: string | undefined;
}): Component {
  const { patches, cniVersion } = options;
  const manifest = {
    file: "kube-flannel.yml",
    patches: cniVersion === undefined ? patches : [...patches, "flannel-cni-version"],
    values: cniVersion === undefined ? {} : { cniVersion },
  };
  return {
    name: "flannel",
    images: ["flannel-cni-plugin", "flannel"],
    plugins: ["flannel"],
    async install(context) {
      const { objects } = await patchedManifest(context, manifest);
      await applyManifest(context, manifest, objects);
    },
    async ready(context, deadline) {
      const wait = { context, deadline };
      await Promise.all([rolledOut(context, DAEMON_SET, deadline), defaultNetworkWritten(wait)]);
      // Its pods have no readiness probe. A pod that comes before the file fails, and the kubelet takes its time then.
      await fileWritten(SUBNET_FILE, "flannel's lease", wait);
    },
    async subjects(context) {
      return [
        await daemonSubject(context, { name: "flannel", version: options.version, daemonSet: DAEMON_SET, manifest }),
      ];
    },
    async remove(context) {
      await removeManifest(context, manifest);
    },
  };
}
