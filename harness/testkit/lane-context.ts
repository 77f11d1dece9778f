import type { SubjectPlugin } from "../config/plugin-under-test.ts";
import type { PoolSlice } from "../net/address-pool.ts";
import type { KubeClient } from "../kube/client.ts";
import type { NodeTransport } from "../nodes/transport.ts";
import type { Signature } from "../plan/deviations.ts";
import type { RunEventBody } from "../results/events.ts";
import type { Violation } from "../verdicts/violation.ts";
import type { TestPod } from "./test-pod.ts";
import type { VfSite } from "./vf-site.ts";

/** What the testkit works with on one lane. */
export interface LaneContext {
  /** Puts somebody on the link of the nodes who is no node; undefined where the testbed cannot. */
  readonly outsidePeer: (() => Promise<NodeTransport & { readonly stop: () => Promise<void> }>) | undefined;
  readonly runId: string;
  /** How many lanes put pods on these nodes. */
  readonly lanes: number;
  readonly kube: KubeClient;
  /** Every node of the cluster by name. */
  readonly nodes: ReadonlyMap<string, NodeTransport>;
  /** Nodes that pods are put on, in turn. */
  readonly podNodes: readonly string[];
  readonly podRanges: readonly string[];
  readonly clusterNetwork: string;
  readonly testImage: string;
  readonly masterInterface: string;
  readonly slice: PoolSlice;
  /** Ends the names of everything in a batch: `LANExBATCH`. */
  readonly batchTag: string;
  /** The lane's namespace for pods, and another one for networks that lie elsewhere. */
  readonly namespaces: { readonly own: string; readonly other: string };
  /** The user's own plugin, which cases ask in place of the reference plugins. */
  readonly subject: SubjectPlugin | undefined;
  /** VFs of real NICs, in the place of simulated ones. */
  readonly vfSite: VfSite | undefined;
  /** Type of the published plugin that asks simulated VFs for something, in the place of plumbline-sriov (S2). */
  readonly vfMover: string | undefined;
  /** Signatures of what is known to fail with the versions under test; none as long as these are not read. */
  readonly known: () => readonly Signature[];
  readonly podReadyMs: number;
  readonly teardownMs: number;
  readonly emit: (event: RunEventBody) => void;
  /** Takes evidence of a broken invariant and tells the record. */
  readonly violated: (pod: TestPod, violations: readonly Violation[]) => Promise<void>;
}
