import { existsSync, readFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { run } from "../process/run.ts";

const DEFAULT_SOCKET = "/var/run/docker.sock";

/**
 * The socket of the Docker that the client would talk to, if it is a socket of this host: what DOCKER_HOST says, or the
 * context that is chosen, or the usual place.
 * @returns undefined if it is reached over the network
 */
export async function dockerSocket(env: NodeJS.ProcessEnv = process.env): Promise<string | undefined> {
  const host = env["DOCKER_HOST"] ?? (choosesContext(env) ? await contextHost() : `unix://${DEFAULT_SOCKET}`);
  const socket = /^unix:\/\/(\/.+)$/.exec(host)?.[1];
  return socket !== undefined && existsSync(socket) ? socket : undefined;
}

/** Whether another context than the default one is chosen. */
function choosesContext(env: NodeJS.ProcessEnv): boolean {
  if (env["DOCKER_CONTEXT"] !== undefined) return env["DOCKER_CONTEXT"] !== "default";
  const folder = env["DOCKER_CONFIG"] ?? path.join(os.homedir(), ".docker");
  try {
    const config = JSON.parse(readFileSync(path.join(folder, "config.json"), "utf8")) as { currentContext?: string };
    return (config.currentContext ?? "default") !== "default";
  } catch {
    return false; // no configuration, or none that the client could read either
  }
}

async function contextHost(): Promise<string> {
  const format = "{{.Endpoints.docker.Host}}";
  const { stdout } = await run("docker", ["context", "inspect", "--format", format], {
    timeoutMs: 10_000,
    okExitCodes: "any",
  });
  return stdout.trim();
}
