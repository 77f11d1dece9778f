import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import os from "node:os";
import path from "node:path";
import { expect } from "chai";
import { execByEngine } from "./engine-exec.ts";

/** A frame of Docker's stream of both outputs. @source Docker Engine API v1.41, "Stream format" */
function frame(stream: 1 | 2, text: string): Buffer {
  const body = Buffer.from(text);
  const head = Buffer.alloc(8);
  head.writeUInt8(stream, 0);
  head.writeUInt32BE(body.length, 4);
  return Buffer.concat([head, body]);
}

interface Program {
  readonly frames: readonly Buffer[];
  readonly exitCode: number;
  readonly hangs?: boolean;
}

/** Answers as Docker does: a real one cannot be made to cut its stream where a test wants it. */
function engine(program: Program): RequestListener {
  return (request, response) => {
    const json = (status: number, body: unknown): void => {
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    };
    request.resume();
    if (request.url?.endsWith("/containers/gone/exec")) return json(404, { message: "No such container: gone" });
    if (request.url?.endsWith("/exec") && request.method === "POST") return json(201, { Id: "e1" });
    if (request.url?.endsWith("/exec/e1/json")) return json(200, { ExitCode: program.exitCode, Running: false });
    response.writeHead(200, { "content-type": "application/vnd.docker.raw-stream" });
    for (const part of program.frames) response.write(part);
    if (!program.hangs) response.end();
    return undefined;
  };
}

describe("execByEngine", () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "plumbline-engine-"));
  const socketPath = path.join(folder, "docker.sock");
  let server: Server | undefined;

  async function withProgram(program: Program): Promise<void> {
    server = createServer(engine(program));
    await new Promise<void>((resolve) => server?.listen(socketPath, resolve));
  }

  afterEach(async () => {
    server?.closeAllConnections();
    await new Promise((resolve) => server?.close(resolve));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const call = { timeoutMs: 2_000, code: "PL_NODE_EXEC", kind: "harness" } as const;
  const target = { socketPath, container: "n1" };

  it("tells the outputs apart, also where a character or a frame is cut", async () => {
    const whole = Buffer.concat([frame(1, "eins zwei drei vier fünf"), frame(2, "oh"), frame(1, " ende")]);
    const pieces = [...whole].map((byte) => Buffer.from([byte]));
    await withProgram({ frames: pieces, exitCode: 0 });
    const { stdout, stderr, exitCode } = await execByEngine(target, ["x"], call);
    expect({ stdout, stderr, exitCode }).to.deep.equal({
      stdout: "eins zwei drei vier fünf ende",
      stderr: "oh",
      exitCode: 0,
    });
  });

  it("tells the exit code, the command and what it said", async () => {
    await withProgram({ frames: [frame(2, "no such link\n")], exitCode: 7 });
    const error = await execByEngine(target, ["ip", "link"], call).catch((e: unknown) => e);
    expect(error).to.include({ code: "PL_NODE_EXEC", kind: "harness" });
    expect((error as Error).message).to.equal("`docker exec n1 ip link` exited with 7: no such link");
  });

  it("takes an exit code for an answer where the caller says so", async () => {
    await withProgram({ frames: [], exitCode: 7 });
    expect((await execByEngine(target, ["x"], { ...call, okExitCodes: [0, 7] })).exitCode).to.equal(7);
  });

  it("says which container there is not", async () => {
    await withProgram({ frames: [], exitCode: 0 });
    const error = await execByEngine({ socketPath, container: "gone" }, ["x"], call).catch((e: unknown) => e);
    expect((error as Error).message).to.contain("No such container: gone");
  });

  it("ends at the bound", async () => {
    await withProgram({ frames: [frame(1, "half")], exitCode: 0, hangs: true });
    const error = await execByEngine(target, ["x"], { ...call, timeoutMs: 150 }).catch((e: unknown) => e);
    expect((error as Error).message).to.contain("was killed after 0.15 s");
  });

  it("ends with the caller's reason when aborted", async () => {
    await withProgram({ frames: [], exitCode: 0, hangs: true });
    const reason = new Error("Ctrl-C");
    const controller = new AbortController();
    setTimeout(() => controller.abort(reason), 50);
    const error = await execByEngine(target, ["x"], { ...call, signal: controller.signal }).catch((e: unknown) => e);
    expect(error).to.equal(reason);
  });
});
