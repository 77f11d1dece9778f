import type { ClusterSpec } from "./cluster.ts";

/** Pod networks of every cluster, by family: kind's own defaults, which stacks may rely on. */
export const POD_SUBNETS = { 4: "10.244.0.0/16", 6: "fd00:10:244::/56" } as const;

/** What a host makes necessary or wise, beside what was asked for. */
export interface Adaptation {
  /** One line for the report: what is set, and why. */
  readonly text: string;
  readonly apply: (config: KindConfig) => KindConfig;
}

export interface KindConfig {
  readonly kind: "Cluster";
  readonly apiVersion: "kind.x-k8s.io/v1alpha4";
  readonly name: string;
  readonly networking: {
    readonly ipFamily: "ipv4" | "dual";
    readonly disableDefaultCNI: true;
    readonly podSubnet: string;
  };
  readonly featureGates: Readonly<Record<string, boolean>>;
  readonly kubeadmConfigPatches: readonly string[];
  readonly nodes: readonly { readonly role: "control-plane" | "worker" }[];
}

/**
 * A patch for kubeadm's configuration. Without a version it fits whichever one kind writes for this Kubernetes; with
 * another version kind would leave it out in silence.
 * @source kind pkg/internal/patch: resource.matches, mergeExtraArgs
 */
function kubeadmPatch(kind: string, patch: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({ kind, ...patch });
}

/** Without CAP_SYS_RESOURCE nobody can lower an oom score, and the kubelet would stop at the attempt. */
const USER_NAMESPACE: Adaptation = {
  text: "feature gate KubeletInUserNamespace=true: this host lacks CAP_SYS_RESOURCE",
  apply: (config) => ({ ...config, featureGates: { ...config.featureGates, KubeletInUserNamespace: true } }),
};

/** What changes a configuration by one more patch for kubeadm. */
function patchedBy(kind: string, patch: Readonly<Record<string, unknown>>): Adaptation["apply"] {
  const text = kubeadmPatch(kind, patch);
  return (config) => ({ ...config, kubeadmConfigPatches: [...config.kubeadmConfigPatches, text] });
}

const ETCD_NO_FSYNC: Adaptation = {
  text: "etcd --unsafe-no-fsync: its data need not outlive the host",
  apply: patchedBy("ClusterConfiguration", { etcd: { local: { extraArgs: { "unsafe-no-fsync": "true" } } } }),
};

/** Two of CoreDNS start in the very seconds in which a stack does; the patches lie in the node image. */
const PATCHED_BY_IMAGE: Adaptation = {
  text: "one replica of CoreDNS in place of two, which need not outlive a node; GOGC=400 for the control plane and the kubelet",
  apply: patchedBy("InitConfiguration", { patches: { directory: "/opt/plumbline/kubeadm" } }),
};

/** Each writes its lease every two seconds otherwise: a fifth of what an idle cluster costs, measured on two processors. */
const NO_LEADER_ELECTION: Adaptation = {
  text: "kube-controller-manager and kube-scheduler --leader-elect=false: there is one of each",
  apply: patchedBy("ClusterConfiguration", {
    controllerManager: { extraArgs: { "leader-elect": "false" } },
    scheduler: { extraArgs: { "leader-elect": "false" } },
  }),
};

/** From v1.35 on the kubelet ends on cgroup v1 unless it is told not to. @source Kubernetes KEP-5573 */
const CGROUP_V1: Adaptation = {
  text: "kubelet failCgroupV1=false: this host has cgroup v1",
  apply: patchedBy("KubeletConfiguration", { failCgroupV1: false }),
};

/** What of a host matters to its clusters. */
export interface HostTraits {
  /** Capabilities that it cannot give, as of `lackingCapabilities`. */
  readonly lacking: readonly string[];
  readonly hasCgroupV2: boolean;
}

export function adaptationsFor({ lacking, hasCgroupV2 }: HostTraits): readonly Adaptation[] {
  return [
    ETCD_NO_FSYNC,
    NO_LEADER_ELECTION,
    PATCHED_BY_IMAGE,
    ...(hasCgroupV2 ? [] : [CGROUP_V1]),
    ...(lacking.includes("CAP_SYS_RESOURCE") ? [USER_NAMESPACE] : []),
  ];
}

/** The configuration for `kind create cluster`: JSON is YAML. */
export function kindConfig(spec: ClusterSpec, adaptations: readonly Adaptation[]): KindConfig {
  const plain: KindConfig = {
    kind: "Cluster",
    apiVersion: "kind.x-k8s.io/v1alpha4",
    name: spec.name,
    // the stack brings the default network
    networking: {
      ipFamily: spec.ipFamily,
      disableDefaultCNI: true,
      podSubnet: spec.ipFamily === "dual" ? `${POD_SUBNETS[4]},${POD_SUBNETS[6]}` : POD_SUBNETS[4],
    },
    featureGates: {},
    kubeadmConfigPatches: [],
    nodes: [{ role: "control-plane" }, ...Array.from({ length: spec.workers }, () => ({ role: "worker" }) as const)],
  };
  return adaptations.reduce((config, adaptation) => adaptation.apply(config), plain);
}
