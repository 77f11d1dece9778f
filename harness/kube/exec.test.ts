import { expect } from "chai";
import { KubeClient } from "./client.ts";
import { FakeApiServer, type FakeWebSocket } from "./fake-api-server.test.ts";

const REQUEST = { namespace: "a", pod: "p", container: "c", argv: ["true"], timeoutMs: 5_000 };

describe("exec", () => {
  let server: FakeApiServer;
  let kube: KubeClient;
  beforeEach(async () => {
    server = await FakeApiServer.start();
    kube = KubeClient.fromFile(server.kubeconfigPath);
  });
  afterEach(() => server.stop());

  const failure = async (play: (socket: FakeWebSocket) => void, request = REQUEST): Promise<unknown> => {
    server.upgrade(play);
    return kube.exec(request).then(
      () => undefined,
      (error: unknown) => error,
    );
  };

  it("returns output and exit code of the program", async () => {
    server.upgrade((socket, message) => {
      expect(message.url).to.equal(
        "/api/v1/namespaces/a/pods/p/exec?stdout=true&stderr=true&stdin=false&tty=false&command=true&container=c",
      );
      socket.send(1, "o".repeat(70_000));
      socket.send(2, "err");
      socket.exit(3);
    });
    const finished = await kube.exec(REQUEST);
    expect(finished).to.include({ exitCode: 3, stderr: "err" });
    expect(finished.stdout).to.have.length(70_000);
  });

  it("does not hang on a stream that closes without a status", async () => {
    expect(await failure((socket) => socket.cut())).to.include({ code: "PL_EXEC_LOST" });
  });

  it("does not hang on a program without an end", async () => {
    const started = performance.now();
    expect(await failure(() => undefined, { ...REQUEST, timeoutMs: 200 })).to.include({ code: "PL_EXEC_TIMEOUT" });
    expect(performance.now() - started).to.be.lessThan(2_000);
  });

  it("ends what writes without end", async () => {
    const flood = (socket: FakeWebSocket): void => {
      for (let i = 0; i < 20; i++) socket.send(1, Buffer.alloc(1024 * 1024));
    };
    expect(await failure(flood)).to.include({ code: "PL_EXEC_OUTPUT" });
  });

  it("makes an error of a refusal", async () => {
    const error = await kube.exec(REQUEST).catch((e: unknown) => e);
    expect(error).to.include({ code: "PL_EXEC_REFUSED" });
    expect((error as Error).message).to.match(/400/);
  });

  it("refuses exit codes that are not an answer, if they are listed", async () => {
    const request = { ...REQUEST, okExitCodes: [0] };
    expect(await failure((socket) => socket.exit(1), request)).to.include({ code: "PL_EXEC_EXIT" });
  });
});
