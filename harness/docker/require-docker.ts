import { hostError, messageOf } from "../core/errors.ts";
import { run } from "../process/run.ts";
import { askDocker } from "./ask-docker.ts";

/** What the daemon says of itself. */
export interface DockerDaemon {
  readonly version: string;
  /** As Go names it, e.g. `amd64`. */
  readonly arch: string;
}

/**
 * Asks the daemon who it is. To be asked first: most other questions take no answer for "there is none".
 * @throws PlumblineError PL_NO_DOCKER (host) with the client's words
 */
export async function requireDocker(signal?: AbortSignal): Promise<DockerDaemon> {
  try {
    return await askDocker({
      byApi: async (engine) => {
        const { Version, Arch } = await engine.version();
        return { version: Version, arch: Arch };
      },
      byClient: () => askClient(signal),
      signal,
    });
  } catch (cause) {
    signal?.throwIfAborted();
    throw hostError("PL_NO_DOCKER", `Docker does not answer: ${messageOf(cause)}`, {
      hint: "`plumbline doctor` tells what is missing, and `plumbline doctor --yes` starts Docker; DOCKER_HOST and `docker context` say which one is asked",
      cause,
    });
  }
}

async function askClient(signal: AbortSignal | undefined): Promise<DockerDaemon> {
  const format = "{{.Server.Version}} {{.Server.Arch}}";
  const { stdout } = await run("docker", ["version", "--format", format], { timeoutMs: 20_000, signal });
  const [version = "", arch = ""] = stdout.trim().split(" ");
  return { version, arch };
}
