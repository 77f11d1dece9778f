import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { CLUSTER_LABEL, networkName } from "../../harness/cluster/cluster-network.ts";
import { KIND_LABEL } from "../../harness/cluster/docker-objects.ts";
import { homeDir } from "../../harness/core/state-dir.ts";
import { run } from "../../harness/process/run.ts";
import { MARK } from "./program.ts";

/** What there is on this host of one cluster and of the program that made it in a folder, one line for each thing. */
export async function leftOnHost(
  cluster: string,
  { mark, cwd }: { readonly mark: string; readonly cwd: string },
): Promise<readonly string[]> {
  const [containers, labelled, networks] = await Promise.all([
    docker(["ps", "--all", "--quiet", "--filter", `label=${KIND_LABEL}=${cluster}`]),
    docker(["ps", "--all", "--quiet", "--filter", `label=${CLUSTER_LABEL}=${cluster}`]),
    docker(["network", "ls", "--format", "{{.Name}}", "--filter", `name=${networkName(cluster)}`]),
  ]);
  return [
    ...[...containers, ...labelled].map((id) => `container ${id}`),
    ...networks.map((name) => `network ${name}`),
    ...markedProcesses(mark).map((what) => `process ${what}`),
    ...stateOf(cluster).map((file) => `state ${file}`),
    ...readdirSync(path.join(cwd, "tmp")).map((name) => `temporary file ${name}`),
  ];
}

/**
 * What anybody might leave on a host, whoever made it: for a comparison before and after. Docker's own mounts and
 * namespaces go by its containers, which are told above.
 */
export function hostThings(): ReadonlySet<string> {
  const mounts = readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .map((line) => line.split(" ")[4] ?? "")
    .filter((point) => point !== "" && !/^(\/var\/lib\/docker|\/run\/docker|\/var\/run\/docker)\//.test(point));
  const namespaces = existsSync("/run/netns") ? readdirSync("/run/netns") : [];
  return new Set([...mounts.map((point) => `mount ${point}`), ...namespaces.map((name) => `namespace ${name}`)]);
}

/** Processes that carry the mark, zombies not, as `PID COMMAND`. */
function markedProcesses(mark: string): readonly string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((pid) => {
      try {
        if (!readFileSync(`/proc/${pid}/environ`, "utf8").includes(`${MARK}=${mark}`)) return [];
        return [`${pid} ${readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").slice(0, 120)}`];
      } catch {
        // it has ended meanwhile
        return [];
      }
    });
}

function stateOf(cluster: string): readonly string[] {
  const dir = path.join(homeDir("state", "clusters"), cluster);
  return existsSync(dir) ? readdirSync(dir).map((name) => path.join(dir, name)) : [];
}

async function docker(args: readonly string[]): Promise<readonly string[]> {
  const { stdout } = await run("docker", args, { timeoutMs: 30_000 });
  return stdout.split("\n").filter((line) => line !== "");
}
