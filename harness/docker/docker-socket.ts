import { existsSync } from "node:fs";
import { run } from "../process/run.ts";

/**
 * The socket of the Docker that the client talks to, if it is a socket of this host. The client itself is asked, since
 * DOCKER_HOST, DOCKER_CONTEXT and its configuration all have a say.
 * @returns undefined if Docker is reached over the network, or the client cannot tell
 */
export async function dockerSocket(): Promise<string | undefined> {
  const argv = ["context", "inspect", "--format", "{{.Endpoints.docker.Host}}"];
  const { stdout } = await run("docker", argv, { timeoutMs: 10_000, okExitCodes: "any" });
  const socket = socketOf(stdout.trim());
  return socket !== undefined && existsSync(socket) ? socket : undefined;
}

/** The path in `unix:///var/run/docker.sock`. @returns undefined for another kind of address */
export function socketOf(host: string): string | undefined {
  return /^unix:\/\/(\/.+)$/.exec(host)?.[1];
}
