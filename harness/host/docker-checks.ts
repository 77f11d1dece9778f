import { pack } from "tar-stream";
import { hasProgram, run } from "../process/run.ts";
import { hostLacksCapabilities } from "./capabilities.ts";
import { dockerdRemedy, dockerVersion } from "./dockerd.ts";
import { lacksPackages, missing, ok, type CheckRecipe, type Finding } from "./host-report.ts";
import { runtimeWrapperRemedy } from "./runtime-wrapper.ts";

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

/**
 * Starts a privileged container of an empty image: its program does not exist, which Docker answers with 127, but only
 * after the runtime has set up all that is asked of it. A refusal of the set-up ends with 125 or 126.
 */
async function lookAtPrivileged(signal: AbortSignal | undefined): Promise<Finding> {
  if (!(await dockerVersion(signal))) return missing("not known without a daemon");
  const ref = `plumbline/probe:${process.pid}`;
  await run("docker", ["import", "-", ref], { timeoutMs: 30_000, signal, stdin: await emptyImage() });
  try {
    const answer = await run(
      "docker",
      ["run", "--rm", "--privileged", "--network=none", "--label=plumbline.probe=1", ref, "/none"],
      {
        timeoutMs: 60_000,
        okExitCodes: "any",
        signal,
      },
    );
    if (answer.exitCode === 127) return ok("started");
    const reason = answer.stderr.trim().split("\n").at(0)?.slice(-240) ?? "";
    const lacks = await hostLacksCapabilities();
    return missing(reason, { remedy: lacks.length > 0 ? runtimeWrapperRemedy() : [] });
  } finally {
    await run("docker", ["image", "rm", "--force", ref], { timeoutMs: 30_000, okExitCodes: "any" });
  }
}

async function emptyImage(): Promise<Uint8Array> {
  const archive = pack();
  archive.entry({ name: "proc", type: "directory", mode: 0o755 });
  archive.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of archive) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}
