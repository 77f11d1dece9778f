import type { Deadline } from "../core/deadline.ts";
import { until } from "../core/until.ts";
import { run } from "../process/run.ts";
import type { ClusterSpec } from "./cluster.ts";
import { docker, KIND_LABEL, nodeContainers } from "./docker-objects.ts";

/**
 * Removes the nodes of a cluster whose making was cut short, and waits for those that the daemon is still making. Only the
 * daemon knows of a request whose client was killed, but it reserves the name first: where a container of ours gets the
 * name, no request holds it, and a late one finds it taken.
 */
export async function removeUnfinishedNodes(spec: ClusterSpec, deadline: Deadline): Promise<void> {
  const names = nodeNames(spec);
  const plugged = new Set<string>();
  await until(
    async () => {
      const others = (await nodeContainers(spec.name)).filter((c) => !plugged.has(c.name));
      await Promise.all(others.map((c) => docker(["rm", "--force", "--volumes", c.id], deadline)));
      for (const name of names) if (!plugged.has(name) && (await plug(name, spec, deadline))) plugged.add(name);
      return names.filter((name) => !plugged.has(name));
    },
    {
      what: `the daemon to have made what was asked for cluster ${spec.name}`,
      deadline,
      intervalMs: 200,
      done: (open) => open.length === 0,
      code: "PL_CLUSTER_DELETE",
      kind: "host",
    },
  );
  await Promise.all(names.map((name) => docker(["rm", "--force", "--volumes", name], deadline)));
}

async function plug(name: string, spec: ClusterSpec, deadline: Deadline): Promise<boolean> {
  const label = `${KIND_LABEL}=${spec.name}`;
  const args = ["create", "--pull", "never", "--name", name, "--label", label, "--network", "none", spec.nodeImage.id];
  const { exitCode } = await run("docker", args, {
    timeoutMs: deadline.remainingMs,
    okExitCodes: "any",
    code: "PL_DOCKER",
  });
  return exitCode === 0;
}

/** The names that kind gives to the nodes. @source kind pkg/cluster/internal/providers/common/namer.go */
export function nodeNames({ name, workers }: Pick<ClusterSpec, "name" | "workers">): string[] {
  const worker = (n: number): string => `${name}-worker${n === 0 ? "" : n + 1}`;
  return [`${name}-control-plane`, ...Array.from({ length: workers }, (_, n) => worker(n))];
}
