import type { OutsidePeerSpec } from "../docker/outside-peer.ts";
import type { CaseOutcome } from "../results/case-outcome.ts";
import type { RunEventBody } from "../results/events.ts";
import type { SubjectPlugin } from "../config/plugin-under-test.ts";
import type { NodeAccess } from "../nodes/node-access.ts";
import type { Feature } from "./detect-features.ts";
import type { Signature } from "../plan/deviations.ts";
import type { VfSite } from "../testkit/vf-site.ts";
import type { SuiteWork } from "./work-items.ts";

/** What a lane must know of the testbed; plain data, since it crosses to another process. */
export interface LaneTestbed {
  readonly kubeconfigPath: string;
  /** False: the cluster is being made, and nothing but its nodes can be asked. */
  readonly hasApi: boolean;
  /** Context of the kubeconfig; undefined: the current one. */
  readonly context: string | undefined;
  readonly access: NodeAccess;
  readonly nodes: readonly { readonly name: string; readonly role: "control-plane" | "worker" }[];
  /** Pod ranges of the cluster in CIDR notation. */
  readonly podRanges: readonly string[];
  /** Name of the cluster network's CNI configuration. */
  readonly clusterNetwork: string;
  readonly testImage: string;
  /** Node interface that macvlan networks lie on. */
  readonly masterInterface: string;
  readonly features: readonly Feature[];
  /** What a peer outside of the cluster is made of; undefined where there can be none. */
  readonly peer: OutsidePeerSpec | undefined;
  /** Ranges that must not be handed out: Docker networks, services. */
  readonly reservedRanges: readonly string[];
  /** Ranges for pods on the link of the nodes; undefined: those of all other networks. */
  readonly linkRanges: readonly string[] | undefined;
  /** VFs of real NICs, in the place of simulated ones. */
  readonly vfSite: VfSite | undefined;
}

export interface LaneOptions {
  readonly runId: string;
  readonly lane: number;
  readonly lanes: number;
  /** Into how many slices names and addresses are cut; a lane has the one of its number. */
  readonly slices: number;
  readonly recordDir: string;
  /** Suite files that the lane may be given, to be loaded before it is. */
  readonly files: readonly string[];
  readonly podReadyMs: number;
  readonly teardownMs: number;
}

/** How far a lane is to have come with the pods of its suites. */
export type Settled = "at rest" | "judged";

export type ToLane =
  | { readonly type: "open"; readonly testbed: LaneTestbed; readonly options: LaneOptions }
  /** @property subject the plugin under test, as it lies on the nodes */
  | { readonly type: "work"; readonly suites: readonly SuiteWork[]; readonly subject?: SubjectPlugin | undefined }
  /** What is known of the versions that were found. Nothing is answered. */
  | { readonly type: "know"; readonly known: readonly Signature[] }
  /** Begin no further case; those that are left are skipped. Nothing is answered. */
  | { readonly type: "stop"; readonly why: string }
  /** Wait until the pods of the lane are judged, or at least beyond the reach of a case that disturbs. */
  | { readonly type: "settle"; readonly until: Settled }
  /** Remove what the lane made in the cluster, then end. */
  | { readonly type: "close" };

export type FromLane =
  /** Modules are loaded. */
  | { readonly type: "loaded" }
  | { readonly type: "opened" }
  | { readonly type: "event"; readonly event: RunEventBody }
  | { readonly type: "outcome"; readonly caseId: string; readonly outcome: CaseOutcome }
  /** The cases have ended and their pods are deleted; whether these left anything is told by events yet. */
  | { readonly type: "done" }
  | { readonly type: "settled" }
  | { readonly type: "closed" }
  | {
      readonly type: "fatal";
      readonly message: string;
      readonly code: string;
      readonly kind: string;
      readonly hint?: string;
    };
