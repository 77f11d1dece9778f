import type { ClusterSpec } from "../cluster/cluster.ts";
import type { MultusSettings } from "../config/multus-settings.ts";
import type { MultusSource } from "../config/multus-source.ts";
import type { Progress } from "../core/ports.ts";
import type { Scope } from "../core/scope.ts";
import type { BareNodes } from "./ask-bare-nodes.ts";
import type { EnsureImagesOptions } from "../images/ensure-images.ts";

export interface TestbedOptions {
  readonly stack: string;
  /** Another Multus than that of the stack. */
  readonly multus?: MultusSource | undefined;
  /** Another CNI version than the stack's. */
  readonly cniVersion?: string | undefined;
  /** Of Multus' configuration, over the stack's. */
  readonly multusSettings?: MultusSettings | undefined;
  /** Name of the cluster; undefined: made from the stack. */
  readonly name: string | undefined;
  readonly workers: number;
  readonly ipFamily: ClusterSpec["ipFamily"];
  readonly images: Pick<EnsureImagesOptions, "source" | "mirror" | "kubernetes">;
  /** Take a cluster that stands with the same spec. */
  readonly reuse: boolean;
  /** Leave the cluster to the user, whatever happens. Else closing `scope` deletes it, if it was made here. */
  readonly keep: boolean;
  /** Default: the user. */
  readonly keptFor?: "user" | "next run" | undefined;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  readonly scope: Scope;
  /**
   * Called once the nodes of a new cluster run, before there is a cluster. What it does is waited for before pods are made
   * and the nodes' state is noted.
   */
  readonly onNodesStarted?: ((bare: BareNodes) => Promise<void>) | undefined;
  /** Called while a new cluster's workers join, when the host has time to spare; not for one that stands. */
  readonly onNodesRun?: () => void;
  /** For the claim. Default: a new one. */
  readonly runId?: string;
  /** Name of a plugin under test that may stay on a cluster that stands; others go. */
  readonly pluginName?: string | undefined;
}

/** The name of the cluster that a request without a name means. */
export function clusterNameOf({ stack, name }: Pick<TestbedOptions, "stack" | "name">): string {
  return name ?? `plumbline-${stack}`;
}
