import { Deadline } from "../core/deadline.ts";
import type { Component } from "./component.ts";
import { defaultNetworkWritten, runtimeUses } from "./cni-config.ts";
import { rolledOut } from "./daemon-set.ts";
import { applyManifest, daemonSubject, patchedManifest, removeManifest } from "./manifest-component.ts";

interface MultusOptions {
  readonly version: string;
  readonly mode: "thick" | "thin";
  readonly patches: readonly string[];
}

const FILES = { thick: "multus-daemonset-thick.yml", thin: "multus-daemonset.yml" } as const;
const DAEMON_SET = { namespace: "kube-system", name: "kube-multus-ds" } as const;

/** Name of the network that Multus writes for the runtime. */
const NETWORK = "multus-cni-network";

/** Multus from its own manifests. */
export function multus(options: MultusOptions): Component {
  const manifest = { file: FILES[options.mode], patches: options.patches };
  return {
    name: "multus",
    images: [`multus-${options.mode}`],
    async install(context) {
      const { objects } = await patchedManifest(context, manifest);
      const daemons = objects.filter((object) => object.kind === "DaemonSet");
      const others = objects.filter((object) => object.kind !== "DaemonSet");
      await applyManifest(context, manifest, others);
      // The thin entrypoint ends if it finds no default network, and is then restarted ever more slowly. The thick one
      // waits, so that it can start meanwhile.
      if (options.mode === "thin") await defaultNetworkWritten({ context, deadline: Deadline.in(120_000) });
      await applyManifest(context, manifest, daemons);
    },
    async ready(context, deadline) {
      // the second asks every node's runtime again and again, so it waits for the first
      await rolledOut(context, DAEMON_SET, deadline);
      await runtimeUses(NETWORK, { context, deadline });
    },
    async subjects(context) {
      const subject = await daemonSubject(context, {
        name: "multus",
        version: options.version,
        daemonSet: DAEMON_SET,
        manifest,
      });
      return [subject];
    },
    async remove(context) {
      await removeManifest(context, manifest);
    },
  };
}
