import { watch, type FSWatcher } from "node:fs";
import { mkdir, stat } from "node:fs/promises";
import path from "node:path";
import type { Config } from "./config.ts";
import { readControl } from "./control.ts";
import { discover } from "./discover.ts";
import { Pool } from "./pool.ts";
import { PoolServer } from "./pool-server.ts";

/** One thing that the plugin tells: a line of JSON on its output. */
export type Tell = (event: string, facts?: Readonly<Record<string, unknown>>) => void;

/** All pools, kept registered with whichever kubelet is there. */
export class Plugin {
  readonly #config: Config;
  readonly #tell: Tell;
  readonly #kubeletSocket: string;
  #servers: readonly PoolServer[] = [];
  /** The kubelet that a pool is registered with, by resource. */
  readonly #registered = new Map<string, string>();
  readonly #watchers: FSWatcher[] = [];
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();
  #controlText: string | undefined;
  #refusal: string | undefined;
  #stopped = false;

  constructor(config: Config, tell: Tell) {
    this.#config = config;
    this.#tell = tell;
    this.#kubeletSocket = path.join(config.socketDir, "kubelet.sock");
  }

  /** Discovers the VFs and serves them. A kubelet that is not there yet is waited for in the background. */
  async start(): Promise<void> {
    const { pools, devicesDir, deviceInfoDir, socketDir, controlFile, lookEveryMs } = this.#config;
    const found = await discover(devicesDir, pools);
    this.#servers = pools.map(
      (pool) => new PoolServer(new Pool(pool, found.get(pool.resource) ?? [], deviceInfoDir), socketDir),
    );
    for (const { pool } of this.#servers) {
      await pool.removeInfo();
      this.#tell("pool", { resource: pool.config.resource, devices: pool.devices() });
    }
    for (const dir of new Set([socketDir, path.dirname(controlFile)])) await this.#follow(dir);
    this.#timer = setInterval(() => void this.look(), lookEveryMs);
    await this.look();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    for (const watcher of this.#watchers) watcher.close();
    await this.#looking;
    await Promise.all(this.#servers.map((server) => Promise.all([server.stop(), server.pool.removeInfo()])));
  }

  /** Compares what should be with what is, one look at a time. */
  look(): Promise<void> {
    this.#looking = this.#looking.then(async () => {
      if (this.#stopped) return;
      await this.#obeyControl();
      for (const server of this.#servers) await this.#keepRegistered(server);
    });
    return this.#looking;
  }

  /** A kubelet that starts removes all sockets from its folder and makes its own anew. */
  async #keepRegistered(server: PoolServer): Promise<void> {
    const { resource } = server.pool.config;
    const [kubelet, own] = await Promise.all([identity(this.#kubeletSocket), identity(server.socket)]);
    if (own !== undefined && kubelet !== undefined && this.#registered.get(resource) === kubelet) return;
    try {
      // a new socket file also where the old one is there: a kubelet that forgot us has ended its stream
      await server.serve();
      this.#registered.delete(resource);
      if (kubelet === undefined) return;
      await server.register(this.#kubeletSocket);
      this.#registered.set(resource, kubelet);
      this.#tell("registered", { resource });
    } catch (error) {
      this.#tell("not-registered", { resource, why: error instanceof Error ? error.message : String(error) });
    }
  }

  /** A control file that cannot be obeyed changes nothing, and is told once. */
  async #obeyControl(): Promise<void> {
    const { controlFile } = this.#config;
    try {
      const resources = this.#servers.map((server) => server.pool.config.resource);
      const { text, value } = await readControl(controlFile, resources);
      if (text === this.#controlText) return;
      for (const { pool } of this.#servers) pool.check(value[pool.config.resource]);
      for (const { pool } of this.#servers) pool.control(value[pool.config.resource]);
      this.#controlText = text;
      this.#refusal = undefined;
      this.#tell("control", { value });
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      if (why === this.#refusal) return;
      this.#refusal = why;
      this.#tell("control-refused", { why });
    }
  }

  /** Only makes it quicker: the clock looks, too. */
  async #follow(dir: string): Promise<void> {
    try {
      await mkdir(dir, { recursive: true });
      const watcher = watch(dir, () => void this.look());
      watcher.on("error", () => watcher.close());
      this.#watchers.push(watcher);
    } catch (error) {
      this.#tell("not-followed", { dir, why: String(error) });
    }
  }
}

/** What tells a file from one that is made later under the same name; undefined if there is none. */
async function identity(file: string): Promise<string | undefined> {
  try {
    const { ino, birthtimeMs } = await stat(file);
    return `${ino} ${birthtimeMs}`;
  } catch {
    return undefined;
  }
}
