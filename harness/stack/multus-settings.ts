import { MULTUS_DAEMON_SET } from "../cluster/multus-objects.ts";
import type { MultusSettings } from "../config/multus-settings.ts";
import { usageError } from "../core/errors.ts";
import { canonicalJson, sha256 } from "../core/json.ts";
import type { KubeObject } from "../kube/client.ts";
import type { Patch } from "./patch-set.ts";

type Mode = "thick" | "thin";

/**
 * Options of the thin entrypoint, which writes the configuration of the nodes.
 * @source multus-cni v4.3.0, cmd/thin_entrypoint/main.go
 */
const THIN_OPTIONS: Readonly<Partial<Record<keyof MultusSettings, string>>> = {
  namespaceIsolation: "--namespace-isolation",
  globalNamespaces: "--global-namespaces",
  readinessindicatorfile: "--readiness-indicator-file",
};

/**
 * What puts settings into upstream's manifest: a key of the daemon's configuration each, or an option of the entrypoint.
 * @throws PlumblineError PL_MULTUS_SETTING (usage) for one that this mode does not have
 */
export function settingsPatches(settings: MultusSettings, mode: Mode): readonly Patch[] {
  return Object.entries(configured(settings)).map(([key, value]) => {
    const setting = {
      change: `${key} ${JSON.stringify(value)} in Multus' configuration`,
      reason: "the stack, or multusConfig, has it so",
    };
    if (mode === "thick") {
      return {
        ...setting,
        target: { kind: "ConfigMap", name: "multus-daemon-config" },
        inside: "/data/daemon-config.json",
        operations: [{ op: "add", path: `/${key}`, value }],
      };
    }
    const option = THIN_OPTIONS[key as keyof MultusSettings];
    if (option === undefined) {
      throw usageError("PL_MULTUS_SETTING", `Multus in thin mode has no setting ${key}`, {
        hint: `it has ${Object.keys(THIN_OPTIONS).join(", ")}; the others are the daemon's, in stacks with thick in their name`,
        context: { setting: `multusConfig.${key}`, value: JSON.stringify(value) },
      });
    }
    return {
      ...setting,
      target: { kind: "DaemonSet", name: "kube-multus-ds" },
      operations: [{ op: "add", path: "/spec/template/spec/containers/0/args/-", value: `${option}=${String(value)}` }],
    };
  });
}

/** What the keys are in Multus' configuration, which has networks by their names alone. */
function configured({ defaultNetworks, ...others }: MultusSettings): Readonly<Record<string, unknown>> {
  return { ...others, ...(defaultNetworks ? { defaultNetworks: defaultNetworks.map(({ name }) => name) } : {}) };
}

/** Marks the definitions of networks that Multus gives every pod. */
export const GIVEN_NETWORKS = {
  apiVersion: "k8s.cni.cncf.io/v1",
  kind: "NetworkAttachmentDefinition",
  namespace: MULTUS_DAEMON_SET.namespace,
  labelSelector: "plumbline.dev/given=true",
} as const;

/** The definitions of the networks that Multus gives every pod, where it looks for them. */
export function givenNetworks({ defaultNetworks = [] }: MultusSettings): readonly KubeObject[] {
  const { apiVersion, kind, namespace } = GIVEN_NETWORKS;
  return defaultNetworks.map(({ name, config }) => ({
    apiVersion,
    kind,
    metadata: { name, namespace, labels: { "plumbline.dev/given": "true" } },
    spec: { config: JSON.stringify({ cniVersion: "1.0.0", name, ...config }) },
  }));
}

/** Short name of settings: equal for equal ones, in whichever order. */
export function settingsId(settings: MultusSettings): string {
  return sha256(canonicalJson(settings)).slice(0, 12);
}
