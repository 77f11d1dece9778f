import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Duplex } from "node:stream";

export interface FakeRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: string;
  readonly contentType: string;
}

type Answer = (request: FakeRequest, response: ServerResponse) => void;
type Upgrade = (socket: FakeWebSocket, request: IncomingMessage) => void;

/** The server's side of a WebSocket, just enough to play exec: frames out, and cutting the line. */
export class FakeWebSocket {
  readonly #socket: Duplex;

  constructor(socket: Duplex) {
    this.#socket = socket;
  }

  /** A binary frame of one channel: 1 stdout, 2 stderr, 3 status. */
  send(channel: number, data: string | Uint8Array): void {
    const payload = Buffer.concat([Buffer.from([channel]), Buffer.from(data)]);
    const length =
      payload.length < 126
        ? Buffer.from([payload.length])
        : payload.length < 65_536
          ? Buffer.from([126, payload.length >> 8, payload.length & 0xff])
          : Buffer.concat([Buffer.from([127, 0, 0, 0, 0]), uint32(payload.length)]);
    this.#socket.write(Buffer.concat([Buffer.from([0x82]), length, payload]));
  }

  exit(code: number): void {
    const status =
      code === 0
        ? { status: "Success" }
        : {
            status: "Failure",
            reason: "NonZeroExitCode",
            details: { causes: [{ reason: "ExitCode", message: `${code}` }] },
          };
    this.send(3, JSON.stringify(status));
    this.#socket.end(Buffer.from([0x88, 0x02, 0x03, 0xe8]));
  }

  cut(): void {
    this.#socket.destroy();
  }
}

/** An API server of a test's own making: each test says what is answered. */
export class FakeApiServer {
  readonly requests: FakeRequest[] = [];
  readonly #server: Server;
  readonly #folder = mkdtempSync(path.join(tmpdir(), "plumbline-kube-"));
  #answer: Answer = (_, response) => void response.writeHead(500).end();
  #upgrade: Upgrade | undefined;
  readonly #upgraded: Duplex[] = [];

  private constructor() {
    this.#server = createServer((message, response) => void this.#receive(message, response));
    this.#server.on("upgrade", (message, socket) => this.#accept(message, socket));
  }

  static async start(): Promise<FakeApiServer> {
    const fake = new FakeApiServer();
    await new Promise<void>((resolve) => void fake.#server.listen(0, "127.0.0.1", resolve));
    return fake;
  }

  answer(answer: Answer): void {
    this.#answer = answer;
  }

  upgrade(upgrade: Upgrade): void {
    this.#upgrade = upgrade;
  }

  get kubeconfigPath(): string {
    const address = this.#server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const file = path.join(this.#folder, "kubeconfig");
    writeFileSync(
      file,
      JSON.stringify({
        apiVersion: "v1",
        kind: "Config",
        "current-context": "fake",
        clusters: [{ name: "fake", cluster: { server: `http://127.0.0.1:${port}`, "insecure-skip-tls-verify": true } }],
        users: [{ name: "fake", user: { token: "not-a-secret" } }],
        contexts: [{ name: "fake", context: { cluster: "fake", user: "fake" } }],
      }),
    );
    return file;
  }

  /** From now on nothing listens. */
  async stop(): Promise<void> {
    rmSync(this.#folder, { recursive: true, force: true });
    this.#server.closeAllConnections();
    for (const socket of this.#upgraded) socket.destroy();
    await new Promise<void>((resolve) => void this.#server.close(() => resolve()));
  }

  async #receive(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of message) chunks.push(chunk as Buffer);
    const url = new URL(message.url ?? "/", "http://fake");
    const request = {
      method: message.method ?? "",
      path: url.pathname,
      query: url.searchParams,
      body: Buffer.concat(chunks).toString("utf8"),
      contentType: message.headers["content-type"] ?? "",
    };
    this.requests.push(request);
    const known = DISCOVERY[request.path];
    if (known && request.method === "GET") json(response, 200, { resources: known });
    else this.#answer(request, response);
  }

  #accept(message: IncomingMessage, socket: Duplex): void {
    socket.on("error", () => undefined);
    this.#upgraded.push(socket);
    if (!this.#upgrade) {
      socket.end("HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n");
      return;
    }
    const key = createHash("sha1")
      .update(`${message.headers["sec-websocket-key"] ?? ""}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
      .digest("base64");
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: ${key}\r\nsec-websocket-protocol: v5.channel.k8s.io\r\n\r\n`,
    );
    socket.resume();
    this.#upgrade(new FakeWebSocket(socket), message);
  }
}

const DISCOVERY: Readonly<Record<string, readonly unknown[]>> = {
  "/api/v1": [
    { name: "pods", kind: "Pod", namespaced: true },
    { name: "pods/status", kind: "Pod", namespaced: true },
    { name: "nodes", kind: "Node", namespaced: false },
    { name: "namespaces", kind: "Namespace", namespaced: false },
    { name: "configmaps", kind: "ConfigMap", namespaced: true },
    { name: "events", kind: "Event", namespaced: true },
  ],
};

export function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

/** A Status as the real server sends it with a refusal. */
export function refuse(response: ServerResponse, status: number, rest: Record<string, unknown> = {}): void {
  json(response, status, { kind: "Status", status: "Failure", code: status, message: "no", ...rest });
}

function uint32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32BE(value);
  return buffer;
}
