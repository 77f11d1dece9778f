import { existsSync, readFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { childEnvironment } from "../process/child-environment.ts";
import { run } from "../process/run.ts";

/** Where the client looks when nothing says otherwise. @source docker/cli, opts/hosts.go */
const DEFAULT_SOCKET = "/var/run/docker.sock";

/** What has a say in which Docker the client talks to. */
type DockerEnvironment = Readonly<Partial<Record<"DOCKER_HOST" | "DOCKER_CONTEXT" | "DOCKER_CONFIG", string>>>;

/** Answers by what was asked: a client that has to be asked takes a tenth of a second. */
const known = new Map<string, Promise<string>>();

/**
 * The socket of the Docker that the client talks to, if it is a socket of this host.
 * @returns undefined if Docker is reached over the network, or the client cannot tell
 */
export async function dockerSocket(): Promise<string | undefined> {
  const { DOCKER_HOST = "", DOCKER_CONTEXT = "", DOCKER_CONFIG = "" }: DockerEnvironment = childEnvironment({});
  const key = JSON.stringify([DOCKER_HOST, DOCKER_CONTEXT, DOCKER_CONFIG]);
  const host = known.get(key) ?? hostOf({ DOCKER_HOST, DOCKER_CONTEXT, DOCKER_CONFIG });
  known.set(key, host);
  const socket = socketOf(await host);
  return socket !== undefined && existsSync(socket) ? socket : undefined;
}

/** As the client decides it; it is asked itself only where a context is named. @source docker/cli, cli/command/cli.go */
export async function hostOf({
  DOCKER_HOST = "",
  DOCKER_CONTEXT = "",
  DOCKER_CONFIG = "",
}: DockerEnvironment): Promise<string> {
  if (DOCKER_HOST !== "") return DOCKER_HOST;
  if (DOCKER_CONTEXT === "" && !namesContext(DOCKER_CONFIG || path.join(os.homedir(), ".docker"))) {
    return `unix://${DEFAULT_SOCKET}`;
  }
  const argv = ["context", "inspect", "--format", "{{.Endpoints.docker.Host}}"];
  const { stdout } = await run("docker", argv, { timeoutMs: 10_000, okExitCodes: "any" });
  return stdout.trim();
}

/** Whether the client's configuration names a context, or cannot be read, which is for the client to tell. */
function namesContext(configDir: string): boolean {
  const file = path.join(configDir, "config.json");
  if (!existsSync(file)) return false;
  try {
    const { currentContext = "" } = JSON.parse(readFileSync(file, "utf8")) as { currentContext?: unknown };
    return currentContext !== "" && currentContext !== "default";
  } catch {
    return true;
  }
}

/** The path in `unix:///var/run/docker.sock`. @returns undefined for another kind of address */
export function socketOf(host: string): string | undefined {
  return /^unix:\/\/(\/.+)$/.exec(host)?.[1];
}
