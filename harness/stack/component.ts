import type { Deadline } from "../core/deadline.ts";
import type { Phase } from "../core/ports.ts";
import type { Subject } from "../core/subject.ts";
import type { RunningCluster } from "../cluster/cluster.ts";
import type { KubeClient } from "../kube/client.ts";
import type { NodeTransport } from "../nodes/transport.ts";

/** What a component works with. */
export interface StackContext {
  readonly cluster: RunningCluster;
  readonly kube: KubeClient;
  readonly nodes: readonly NodeTransport[];
  readonly phase: Phase;
  readonly signal: AbortSignal | undefined;
}

/** One thing that is installed. One file a component. */
export interface Component {
  readonly name: string;
  /** Images of fixtures/images that it runs on every node. */
  readonly images: readonly string[];
  /** Names of the CNI plugins that it puts on the nodes, in place of any that lie there. */
  readonly plugins: readonly string[];
  /** What must be on the nodes before any component is installed. */
  prepare?(context: StackContext): Promise<void>;
  install(context: StackContext): Promise<void>;
  /** Resolves when it does its work, not when it has been started. */
  ready(context: StackContext, deadline: Deadline): Promise<void>;
  /** What is really there, read from the cluster. */
  subjects(context: StackContext): Promise<readonly Subject[]>;
  remove(context: StackContext): Promise<void>;
}
