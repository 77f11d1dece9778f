import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import path from "node:path";

/** What a fake Docker has, and what it refuses, where a real one cannot be made to do so without harm to the host. */
export interface FakeDocker {
  /** Labels of every image; undefined: it has no image. */
  readonly imageLabels?: Readonly<Record<string, string>>;
  /** What the references of its images begin with. Default: it has every image. */
  readonly imagePrefix?: string;
  /** Docker's words against a privileged container. */
  readonly refusesPrivileged?: string;
  /** What it says when it is asked to pull. Default: that there is no such manifest. */
  readonly pullAnswer?: (ref: string) => Promise<{ readonly status: number; readonly message: string }>;
  /** Architecture of the images that it has. Default: its own. */
  readonly imageArch?: string;
  readonly containers?: readonly FakeContainer[];
  readonly networks?: readonly FakeNetwork[];
  /** What a program in a container writes to stdout. */
  readonly execOutput?: (argv: readonly string[]) => string;
}

export interface FakeContainer {
  readonly id: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly network: string;
}

export interface FakeNetwork {
  readonly id: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

export const FAKE_ARCH = "amd64";
export const FAKE_IMAGE_ID = `sha256:${"1".repeat(64)}`;
export const FAKE_STARTED_AT = "2026-01-02T03:04:05Z";

type Answer = (call: Call) => void | Promise<void>;

interface Call {
  readonly url: URL;
  /** What the pattern of the route has captured. */
  readonly names: readonly string[];
  readonly body: Readonly<Record<string, unknown>>;
  readonly json: (status: number, value: unknown) => void;
  readonly response: ServerResponse;
}

/** Answers Docker's API v1.41 on a socket in `folder`. @returns the value for DOCKER_HOST, and how to end it */
export async function startFakeEngine(
  folder: string,
  docker: FakeDocker,
): Promise<{ readonly host: string; stop(): Promise<void> }> {
  const engine = new FakeEngine(docker);
  const server = createServer((request, response) => void engine.answer(request, response));
  const upgraded: Duplex[] = [];
  server.on("upgrade", (request, socket: Duplex) => {
    upgraded.push(socket);
    engine.hijack(request, socket);
  });
  const socketPath = path.join(folder, "docker.sock");
  await new Promise<void>((resolve) => void server.listen(socketPath, resolve));
  return {
    host: `unix://${socketPath}`,
    async stop() {
      server.closeAllConnections();
      for (const socket of upgraded) socket.destroy();
      await new Promise((resolve) => void server.close(resolve));
    },
  };
}

class FakeEngine {
  readonly #docker: FakeDocker;
  readonly #containers: FakeContainer[];
  readonly #networks: FakeNetwork[];
  readonly #waits: ServerResponse[] = [];
  readonly #execs = new Map<string, readonly string[]>();

  constructor(docker: FakeDocker) {
    this.#docker = docker;
    this.#containers = [...(docker.containers ?? [])];
    this.#networks = [...(docker.networks ?? [])];
  }

  readonly #routes: readonly (readonly [string, RegExp, Answer])[] = [
    ["GET", /^\/_ping$/, ({ response }) => void response.end("OK")],
    ["HEAD", /^\/_ping$/, ({ response }) => void response.end()],
    [
      "GET",
      /^\/version$/,
      ({ json }) => json(200, { Version: "20.10.0", ApiVersion: "1.41", Arch: FAKE_ARCH, Os: "linux" }),
    ],
    [
      "GET",
      /^\/containers\/json$/,
      (call) =>
        call.json(
          200,
          this.#listed(call, this.#containers).map(({ id, name }) => ({ Id: id, Names: [`/${name}`] })),
        ),
    ],
    ["GET", /^\/containers\/([^/]+)\/json$/, (call) => this.#inspectContainer(call)],
    ["POST", /^\/containers\/create$/, (call) => this.#create(call)],
    ["POST", /^\/containers\/[^/]+\/start$/, (call) => this.#start(call)],
    ["POST", /^\/containers\/[^/]+\/wait$/, (call) => this.#wait(call)],
    ["DELETE", /^\/containers\/([^/]+)$/, (call) => this.#remove(call, this.#containers)],
    ["GET", /^\/networks$/, (call) => call.json(200, this.#listed(call, this.#networks).map(networkTold))],
    ["GET", /^\/networks\/([^/]+)$/, (call) => this.#inspectNetwork(call)],
    ["POST", /^\/networks\/create$/, (call) => this.#createNetwork(call)],
    ["DELETE", /^\/networks\/([^/]+)$/, (call) => this.#remove(call, this.#networks)],
    ["POST", /^\/images\/create$/, (call) => this.#createImage(call)],
    ["GET", /^\/images\/(.+)\/json$/, (call) => this.#inspectImage(call)],
    ["DELETE", /^\/images\//, ({ json }) => json(200, [])],
    [
      "POST",
      /^\/containers\/[^/]+\/exec$/,
      ({ body, json }) => json(201, { Id: this.#newExec(body["Cmd"] as string[]) }),
    ],
    [
      "POST",
      /^\/exec\/([^/]+)\/start$/,
      ({ names: [id = ""], response }) =>
        void response.writeHead(200, { "content-type": "application/vnd.docker.raw-stream" }).end(this.#outputOf(id)),
    ],
    ["GET", /^\/exec\/[^/]+\/json$/, ({ json }) => json(200, { ExitCode: 0, Running: false })],
  ];

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const url = new URL(request.url ?? "/", "http://docker");
    const place = url.pathname.replace(/^\/v1\.\d+/, "");
    response.setHeader("Api-Version", "1.41");
    const json = (status: number, value: unknown): void => {
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
    };
    for (const [method, pattern, answer] of this.#routes) {
      const found = method === request.method ? pattern.exec(place) : null;
      if (!found) continue;
      const names = found.slice(1).map(decodeURIComponent);
      await answer({ url, names, body: bodyOf(request, chunks), json, response });
      return;
    }
    json(404, { message: `the fake engine knows no ${request.method} ${place}` });
  }

  /** Attached containers stay silent; a program with standard input ends when that does. */
  hijack(request: IncomingMessage, socket: Duplex): void {
    socket.on("error", () => undefined);
    socket.write("HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n");
    socket.resume();
    if (request.url?.includes("/exec/")) socket.on("end", () => socket.end());
  }

  #newExec(argv: readonly string[]): string {
    const id = `e${this.#execs.size}`;
    this.#execs.set(id, argv);
    return id;
  }

  /** A frame of Docker's stream of both outputs. */
  #outputOf(id: string): Buffer {
    const text = Buffer.from(this.#docker.execOutput?.(this.#execs.get(id) ?? []) ?? "");
    const head = Buffer.alloc(8);
    head.writeUInt8(1, 0);
    head.writeUInt32BE(text.length, 4);
    return text.length === 0 ? text : Buffer.concat([head, text]);
  }

  #listed<T extends FakeNetwork>({ url }: Call, all: readonly T[]): readonly T[] {
    const filters = JSON.parse(url.searchParams.get("filters") ?? "{}") as Record<string, Filter | undefined>;
    const labels = filterTexts(filters["label"]).map((text) => text.split("=", 2));
    const names = filterTexts(filters["name"]).map((text) => new RegExp(text));
    return all.filter(
      (thing) =>
        labels.every(
          ([key = "", value]) => key in thing.labels && (value === undefined || thing.labels[key] === value),
        ) && names.every((name) => name.test(thing.name)),
    );
  }

  #inspectContainer({ names: [id], json }: Call): void {
    const found = this.#containers.find((container) => container.id === id);
    if (!found) return json(404, { message: `No such container: ${id}` });
    return json(200, {
      Id: found.id,
      Name: `/${found.name}`,
      Image: FAKE_IMAGE_ID,
      State: { Running: true, StartedAt: FAKE_STARTED_AT },
      Config: { Labels: found.labels },
      NetworkSettings: { Networks: { [found.network]: {} } },
    });
  }

  #create({ url, body, json }: Call): void {
    const { Privileged, NetworkMode } = (body["HostConfig"] ?? {}) as { Privileged?: boolean; NetworkMode?: string };
    if (Privileged && this.#docker.refusesPrivileged !== undefined) {
      return json(400, { message: this.#docker.refusesPrivileged });
    }
    const id = `${this.#containers.length}`.padStart(64, "c");
    const name = url.searchParams.get("name") ?? id;
    const labels = (body["Labels"] ?? {}) as Record<string, string>;
    // a container of the probe ends, and is removed, at once
    if (!Privileged) this.#containers.push({ id, name, labels, network: NetworkMode ?? "none" });
    return json(201, { Id: id, Warnings: [] });
  }

  /** The client waits until a container that does not start has ended. */
  #wait({ response }: Call): void {
    response.writeHead(200, { "content-type": "application/json" }).flushHeaders();
    this.#waits.push(response);
  }

  #start({ json }: Call): void {
    for (const response of this.#waits.splice(0)) response.end(JSON.stringify({ StatusCode: 127 }));
    return json(404, { message: 'exec: "/none": stat /none: no such file or directory: unknown' });
  }

  #inspectNetwork({ names: [id], json }: Call): void {
    const found = this.#networks.find((network) => network.id === id || network.name === id);
    if (!found) return json(404, { message: `network ${id} not found` });
    return json(200, networkTold(found));
  }

  #createNetwork({ body, json }: Call): void {
    const id = `${this.#networks.length}`.padStart(64, "e");
    this.#networks.push({ id, name: String(body["Name"]), labels: (body["Labels"] ?? {}) as Record<string, string> });
    return json(201, { Id: id });
  }

  #remove({ names: [wanted], response }: Call, all: { readonly id: string; readonly name: string }[]): void {
    const index = all.findIndex(({ id, name }) => id === wanted || name === wanted);
    if (index >= 0) all.splice(index, 1);
    response.writeHead(204).end();
  }

  async #createImage({ url, json }: Call): Promise<void> {
    const image = url.searchParams.get("fromImage");
    if (image === null) return json(200, { status: FAKE_IMAGE_ID });
    const ref = `${image}:${url.searchParams.get("tag") ?? "latest"}`;
    const { status, message } = (await this.#docker.pullAnswer?.(ref)) ?? {
      status: 404,
      message: `manifest for ${ref} not found: manifest unknown: manifest unknown`,
    };
    return json(status, status === 200 ? { status: message } : { message });
  }

  #inspectImage({ names: [ref], json }: Call): void {
    const { imageLabels, imagePrefix = "", imageArch = FAKE_ARCH } = this.#docker;
    if (imageLabels === undefined || !ref?.startsWith(imagePrefix))
      return json(404, { message: `No such image: ${ref}` });
    const Config = { Labels: imageLabels };
    return json(200, { Id: FAKE_IMAGE_ID, RepoTags: [ref], RepoDigests: [], Size: 1, Architecture: imageArch, Config });
  }
}

function bodyOf({ headers }: IncomingMessage, chunks: readonly Buffer[]): Readonly<Record<string, unknown>> {
  if (!headers["content-type"]?.includes("json")) return {};
  const text = Buffer.concat(chunks).toString("utf8");
  return text === "" ? {} : (JSON.parse(text) as Record<string, unknown>);
}

/** A list by its documentation, and a map as the client of Docker sends it, which is older. */
type Filter = readonly string[] | Readonly<Record<string, boolean>>;

function filterTexts(filter: Filter = []): readonly string[] {
  return Array.isArray(filter) ? (filter as readonly string[]) : Object.keys(filter);
}

/** The same in a list as alone. @source Docker Engine API v1.41, NetworkList */
function networkTold({ id, name, labels }: FakeNetwork): object {
  return { Id: id, Name: name, Labels: labels, IPAM: { Config: [] } };
}
