import { createConnection, createServer, type Server, type Socket } from "node:net";
import path from "node:path";
import { once } from "node:events";

const ENGINE = "/var/run/docker.sock";

/**
 * A second way to the engine of this host. Taking it away is to whoever uses it as if Docker ended, and to nobody else:
 * a real engine that ends takes every container of the host with it.
 */
export class EngineProxy {
  readonly host: string;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(socketPath: string, server: Server) {
    this.host = `unix://${socketPath}`;
    this.#server = server;
    server.on("connection", (client: Socket) => {
      const engine = createConnection(ENGINE);
      for (const [from, to] of [
        [client, engine],
        [engine, client],
      ] as const) {
        this.#sockets.add(from);
        from.on("close", () => this.#sockets.delete(from) && to.destroy());
        from.on("error", () => to.destroy());
        from.pipe(to);
      }
    });
  }

  /** @param folder where its socket is made */
  static async start(folder: string): Promise<EngineProxy> {
    const server = createServer({ allowHalfOpen: true });
    const socketPath = path.join(folder, "engine.sock");
    server.listen(socketPath);
    await once(server, "listening");
    return new EngineProxy(socketPath, server);
  }

  /** The socket goes, and so does every connection. */
  takeAway(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}
