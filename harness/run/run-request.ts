import type { MultusSettings } from "../config/multus-settings.ts";
import type { MultusSource } from "../config/multus-source.ts";
import type { MatrixFacts } from "../results/run-facts.ts";
import type { SriovConfig } from "../config/sriov-schema.ts";
import type { PluginUnderTest } from "../config/plugin-under-test.ts";

/** A cluster that the user has brought. */
export interface ExistingRequest {
  readonly kubeconfigPath: string;
  /** Undefined: the current one. */
  readonly context: string | undefined;
  /** What the agent and the pods of cases run; undefined: one that is made here and loaded into nodes of this host. */
  readonly image: string | undefined;
  /** Interface of the nodes that pods may be put on, and ranges that are free there. */
  readonly master: string | undefined;
  readonly ranges: readonly string[];
  /** Name of the default network, where more than one could be it. */
  readonly defaultNetwork: string | undefined;
  readonly allowDisruptive: boolean;
  /** VFs of its NICs that cases may ask for. */
  readonly sriov: SriovConfig | undefined;
}

/** What one run is asked to do; names are resolved when it starts. */
export interface RunRequest {
  readonly stack: string;
  /** Another Multus than that of the stack. */
  readonly multus: MultusSource | undefined;
  /** Another CNI version than the stack's. */
  readonly cniVersion: string | undefined;
  /** Of Multus' configuration, over the stack's. */
  readonly multusSettings: MultusSettings | undefined;
  readonly profile: string | undefined;
  readonly cases: readonly string[];
  /** Suite files of the author's own, or folders of them. */
  readonly suites: readonly string[];
  readonly grep: string | undefined;
  readonly layers: readonly string[];
  readonly features: readonly string[];
  /** Folder of a record: run what did not pass there. Undefined: whatever else is chosen. */
  readonly failedOf: string | undefined;
  /** How often each case runs; attempts that disagree make it flaky. */
  readonly repeat: number;
  /** Begin no further case after one that failed unexpectedly. */
  readonly failFast: boolean;
  readonly lanes: number;
  readonly workers: number;
  readonly ipFamily: "ipv4" | "dual";
  /** Name of the cluster; by default made from the stack. */
  readonly clusterName: string | undefined;
  readonly reuse: boolean;
  readonly keep: boolean;
  /** Whom a cluster is kept for: one for the next run is garbage once this process has ended. */
  readonly keptFor?: "user" | "next run";
  /** Of which matrix the run is a cell. */
  readonly matrix?: MatrixFacts;
  readonly strict: boolean;
  /** Folder of a record: what did not hold there either does not fail the run. */
  readonly baseline: string | undefined;
  /** Folder of the records. */
  readonly outDir: string;
  /** Undefined: a cluster is made, or one of ours used again. */
  readonly existing: ExistingRequest | undefined;
  readonly images: {
    readonly source: "auto" | "registry" | "mirror" | "build";
    readonly mirror: string | undefined;
    /** Another release of Kubernetes than the pinned one. */
    readonly kubernetes: string | undefined;
  };
  /** The user's own plugin, which is to be qualified. */
  readonly plugin: PluginUnderTest | undefined;
  readonly podReadyMs: number;
  readonly teardownMs: number;
  /** argv, for the record and the command that reproduces a failure. */
  readonly command: readonly string[];
}

/** What is installed, in words: what holds of a stack need not hold of it with another Multus. */
export function installedText({
  stack,
  multus,
  cniVersion,
  multusSettings,
}: Pick<RunRequest, "stack" | "multus" | "cniVersion" | "multusSettings">): string {
  const cni = cniVersion === undefined ? [] : [`CNI ${cniVersion}`];
  const settings = Object.entries(multusSettings ?? {}).map(([key, value]) => `${key} ${JSON.stringify(value)}`);
  return [stack, ...settings, ...(multus ? [`Multus ${Object.values(multus).slice(1).join("@")}`] : []), ...cni].join(
    ", ",
  );
}
