import { mkdtempSync, rmSync } from "node:fs";
import http from "node:http";
import os from "node:os";
import path from "node:path";
import { expect } from "chai";
import { childEnvironment } from "../process/child-environment.ts";
import { askDocker, unlessAbsent } from "./ask-docker.ts";

/** A server in place of Docker's: the real one cannot be made to answer 500 when a test needs it. */
describe("askDocker", () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "plumbline-ask-"));
  const before = process.env["DOCKER_HOST"];
  let server: http.Server | undefined;

  async function serveOn(name: string, answer: http.RequestListener): Promise<void> {
    const socket = path.join(folder, name);
    server = http.createServer(answer);
    await new Promise<void>((resolve) => server?.listen(socket, resolve));
    process.env["DOCKER_HOST"] = `unix://${socket}`;
    expect(childEnvironment({})["DOCKER_HOST"]).to.equal(`unix://${socket}`);
  }

  async function whoAnswers(): Promise<unknown> {
    return askDocker<unknown>({
      byApi: async (engine) => engine.info(),
      byClient: () => Promise.resolve("the client"),
    });
  }

  afterEach(async () => {
    server?.closeAllConnections();
    await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)));
    server = undefined;
    if (before === undefined) delete process.env["DOCKER_HOST"];
    else process.env["DOCKER_HOST"] = before;
  });
  after(() => rmSync(folder, { recursive: true }));

  it("takes the answer of the API", async () => {
    await serveOn("good.sock", (_request, response) => {
      response.setHeader("content-type", "application/json").end('{"Name":"the API"}');
    });
    expect(await whoAnswers()).to.deep.equal({ Name: "the API" });
  });

  it("asks the client where the API answers with an error", async () => {
    await serveOn("error.sock", (_request, response) => response.writeHead(500).end('{"message":"no"}'));
    expect(await whoAnswers()).to.equal("the client");
  });

  it("asks the client where the connection breaks", async () => {
    await serveOn("broken.sock", (request) => request.socket.destroy());
    expect(await whoAnswers()).to.equal("the client");
  });

  it("asks the client where Docker has no socket on this host", async () => {
    process.env["DOCKER_HOST"] = `unix://${path.join(folder, "none.sock")}`;
    expect(await whoAnswers()).to.equal("the client");
  });

  it("lets a mistake of our own show", async () => {
    await serveOn("fine.sock", (_request, response) => response.end("{}"));
    const asked = askDocker({
      byApi: () => Promise.reject(new TypeError("cannot read properties of undefined")),
      byClient: () => Promise.resolve("the client"),
    });
    expect(await asked.catch(String)).to.equal("TypeError: cannot read properties of undefined");
  });

  it("passes on that the one who asks has given up", async () => {
    await serveOn("given-up.sock", () => undefined);
    const gaveUp = new Error("gave up");
    const asked = askDocker({
      byApi: async (engine) => engine.info(),
      byClient: () => Promise.resolve("the client"),
      signal: AbortSignal.abort(gaveUp),
    });
    expect(await asked.catch((error: unknown) => error)).to.equal(gaveUp);
  });

  it("takes 404 for absence, and nothing else", async () => {
    expect(await unlessAbsent(Promise.reject(Object.assign(new Error("no"), { statusCode: 404 })))).to.equal(undefined);
    const other = Object.assign(new Error("no"), { statusCode: 409 });
    expect(await unlessAbsent(Promise.reject(other)).catch((error: unknown) => error)).to.equal(other);
  });
});
