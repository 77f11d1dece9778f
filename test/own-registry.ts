import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { Deadline } from "../harness/core/deadline.ts";
import { until } from "../harness/core/until.ts";
import { ensureTool } from "../harness/images/ensure-tool.ts";
import { killProcessGroup } from "../harness/process/run.ts";
import { startDetached } from "../harness/process/start-detached.ts";

export interface OwnRegistry {
  /** e.g. `127.0.0.1:34567`; Docker takes a registry on a loopback address without TLS. */
  readonly address: string;
  stop(): Promise<void>;
}

/** An image registry on a loopback port, built from its Go module, that keeps nothing. */
export async function startOwnRegistry(): Promise<OwnRegistry> {
  const program = await ensureTool("registry");
  const folder = await mkdtemp(path.join(tmpdir(), "plumbline-registry-"));
  const address = `127.0.0.1:${await freePort()}`;
  const configFile = path.join(folder, "config.yaml");
  const config = {
    version: "0.1",
    log: { level: "warn" },
    storage: { filesystem: { rootdirectory: path.join(folder, "data") } },
    http: { addr: address, secret: "of no use to anybody" },
  };
  // JSON is YAML
  await writeFile(configFile, JSON.stringify(config));
  const logFile = path.join(folder, "registry.log");
  const pid = await startDetached(program, ["serve", configFile], { logFile, env: { OTEL_TRACES_EXPORTER: "none" } });
  const stop = async (): Promise<void> => {
    killProcessGroup(pid, "SIGTERM");
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await until(async () => (await fetch(`http://${address}/v2/`)).ok, {
      what: "our own registry to answer",
      deadline: Deadline.in(20_000),
    });
  } catch (error) {
    await stop();
    throw error;
  }
  return { address, stop };
}

/** A TCP port on loopback that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
