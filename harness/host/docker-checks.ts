import { hasProgram } from "../process/run.ts";
import { dockerdRemedy, dockerVersion } from "./dockerd.ts";
import { lacksPackages, missing, ok, type CheckRecipe, type Finding } from "./host-report.ts";
import { privilegedRemedy, refusalOfPrivileged } from "./privileged.ts";

export const dockerChecks: readonly CheckRecipe[] = [
  {
    id: "docker-client",
    title: "Docker client",
    why: "nodes of a kind cluster are Docker containers",
    look: async () =>
      (await hasProgram("docker")) ? ok("in PATH") : lacksPackages("no docker in PATH", ["docker.io"]),
  },
  {
    id: "docker-daemon",
    title: "Docker daemon",
    why: "nodes of a kind cluster are Docker containers",
    look: lookAtDaemon,
  },
  {
    id: "docker-privileged",
    title: "Privileged containers",
    why: "a node runs systemd, containerd and kubelet, and needs every right that the host can give",
    look: lookAtPrivileged,
  },
];

async function lookAtDaemon(signal: AbortSignal | undefined): Promise<Finding> {
  const version = await dockerVersion(signal);
  if (version) return ok(`${version.server} (client ${version.client})`);
  if (!(await hasProgram("dockerd"))) {
    // Debian's package brings the client too; one that is already in PATH goes on being used, and negotiates the API version
    return { ...lacksPackages("no daemon answers, and dockerd is not installed", ["docker.io"]) };
  }
  return missing("no daemon answers", { fix: { kind: "dockerd" }, remedy: await dockerdRemedy() });
}

async function lookAtPrivileged(signal: AbortSignal | undefined): Promise<Finding> {
  if (!(await dockerVersion(signal))) return missing("not known without a daemon");
  const refusal = await refusalOfPrivileged(signal);
  return refusal === undefined ? ok("started") : missing(refusal, { remedy: await privilegedRemedy() });
}
