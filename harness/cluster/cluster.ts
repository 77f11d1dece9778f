/** What is asked for. Two equal specs give interchangeable clusters: `--reuse` compares them by `specDigest`. */
export interface ClusterSpec {
  readonly name: string;
  readonly workers: number;
  readonly ipFamily: "ipv4" | "dual";
  /** Reference and image id (`sha256:...`) of the node image. */
  readonly nodeImage: { readonly ref: string; readonly id: string };
  /** The stack that will be installed: part of the spec, since of a stack Multus alone can be changed in place. */
  readonly stack: string;
}

export interface ClusterNode {
  readonly name: string;
  readonly role: "control-plane" | "worker";
  /** InternalIPs, IPv4 first. */
  readonly addresses: readonly string[];
  readonly podCidrs: readonly string[];
}

export interface RunningCluster {
  readonly spec: ClusterSpec;
  /** `existing`: brought by the user; it is neither made nor deleted here. */
  readonly provider: "kind" | "existing";
  readonly kubeconfigPath: string;
  /** The cluster's own Docker network. */
  readonly dockerNetwork: string;
  readonly nodes: readonly ClusterNode[];
  /** What was set differently from kind's defaults, and why, one line each. */
  readonly adaptations: readonly string[];
  /** False if `--reuse` found it. */
  readonly created: boolean;
  /** What stands on a cluster that was found, if that must be changed into the stack of the spec. */
  readonly stackBefore?: string;
}

/** What a cluster is once its nodes are known. */
export function runningCluster(
  made: Pick<RunningCluster, "spec" | "dockerNetwork" | "adaptations" | "kubeconfigPath">,
  found: Pick<RunningCluster, "nodes" | "created">,
): RunningCluster {
  const { spec, dockerNetwork, adaptations, kubeconfigPath } = made;
  return { spec, provider: "kind", kubeconfigPath, dockerNetwork, adaptations, ...found };
}
