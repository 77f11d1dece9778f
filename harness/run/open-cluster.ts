import { randomUUID } from "node:crypto";
import type { NodesReached } from "../cluster/kind.ts";
import type { ClusterSpec, RunningCluster } from "../cluster/cluster.ts";
import { createCluster } from "../cluster/create-cluster.ts";
import { deleteCluster } from "../cluster/delete-cluster.ts";
import { findReusable } from "../cluster/find-reusable.ts";
import { inPhase } from "../core/ports.ts";
import { ensureTool } from "../images/ensure-tool.ts";
import { differsInMultusAlone, type Stack } from "../stack/stack.ts";
import type { TestbedOptions } from "./testbed-options.ts";

/** Takes a cluster that stands, where that is wanted and one does, or makes it. What was made is deferred to the scope. */
export async function openCluster(
  spec: ClusterSpec,
  stack: Stack,
  options: TestbedOptions & { readonly when: NodesReached },
): Promise<RunningCluster> {
  const { progress, signal, scope, keep, reuse } = options;
  const runId = options.runId ?? randomUUID();
  const kindPath = await ensureTool("kind", { progress, signal });
  const canBecome = (made: string): boolean => differsInMultusAlone(made, stack);
  return inPhase(progress, `Cluster ${spec.name}`, async (phase) => {
    const found = reuse ? await findReusable(spec, { runId, signal, canBecome }) : undefined;
    if (found) {
      phase.update(
        found.stackBefore === undefined ? "it stands already" : `it stands already, with ${found.stackBefore}`,
      );
      return found;
    }
    if (!keep) {
      // Only what this run made: a creation may be refused because the name is another's.
      scope.defer(`delete the cluster ${spec.name}`, (deadline) =>
        deleteCluster(spec.name, deadline, { onlyOfRun: runId }),
      );
    }
    return createCluster(spec, { phase, signal, runId, kindPath, when: options.when });
  });
}
