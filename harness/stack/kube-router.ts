import { harnessError } from "../core/errors.ts";
import { until } from "../core/until.ts";
import type { ModuleContents, ModuleSupply } from "../images/obtain-module.ts";
import type { Component } from "./component.ts";
import { rolledOut } from "./daemon-set.ts";
import {
  applyManifest,
  daemonSubject,
  patchedManifest,
  removeManifest,
  type ManifestSource,
} from "./manifest-component.ts";
import { policyEnforcers } from "./policy-enforcers.ts";

interface KubeRouterOptions {
  readonly version: string;
  readonly patches: readonly string[];
  /** Its image and manifest. A stack that is only looked at has none. */
  readonly supply?: ModuleSupply | undefined;
}

/** What it is installed from. @source kube-router docs/kubeadm.md */
export const KUBE_ROUTER: ModuleContents = {
  name: "kube-router",
  title: "kube-router",
  manifests: ["daemonset/kubeadm-kuberouter.yaml"],
};

const DAEMON_SET = { namespace: "kube-system", name: "kube-router" } as const;
const PROBE_MS = 10_000;

/** kube-router as what enforces NetworkPolicy, and nothing else, on a default network that does not. */
export function kubeRouter(options: KubeRouterOptions): Component {
  const { version, supply } = options;
  const manifest = (): ManifestSource => kubeRouterManifest(options);
  return {
    name: "kube-router",
    images: [],
    plugins: [],
    async install(context) {
      const source = manifest();
      const { objects } = await patchedManifest(context, source);
      await applyManifest(context, source, objects);
    },
    async ready(context, deadline) {
      await rolledOut(context, DAEMON_SET, deadline);
      // its pods have no readiness probe: they count as available before they have written a rule
      const probe = policyEnforcers()["kube-router"]?.probe ?? "false";
      await Promise.all(
        context.nodes.map(async (node) =>
          until(async () => node.exec(["sh", "-c", probe], { timeoutMs: PROBE_MS, okExitCodes: "any" }), {
            what: `the rules of kube-router on ${node.node}`,
            done: ({ exitCode }) => exitCode === 0,
            deadline,
            intervalMs: 200,
            signal: context.signal,
            code: "PL_STACK_READY",
          }),
        ),
      );
    },
    async subjects(context) {
      const image = supply?.image.subject;
      return [
        await daemonSubject(context, {
          name: "kube-router",
          version,
          daemonSet: DAEMON_SET,
          manifest: manifest(),
          image,
        }),
      ];
    },
    async remove(context) {
      await removeManifest(context, manifest());
    },
  };
}

/** Upstream's manifest, and what is changed in it. @throws PlumblineError PL_INTERNAL without a supply */
export function kubeRouterManifest({ patches, supply }: KubeRouterOptions): ManifestSource {
  if (!supply) throw harnessError("PL_INTERNAL", "kube-router is to be installed, but nobody has got it");
  const { ref } = supply.image;
  return {
    file: "daemonset/kubeadm-kuberouter.yaml of kube-router",
    text: supply.manifest,
    patches,
    values: { image: ref, tag: /:([^:/]+)$/.exec(ref)?.[1] ?? ref },
  };
}
