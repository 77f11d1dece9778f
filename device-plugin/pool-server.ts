import { rm } from "node:fs/promises";
import path from "node:path";
import {
  Server,
  ServerCredentials,
  status,
  type sendUnaryData,
  type ServerUnaryCall,
  type ServerWritableStream,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import {
  API_VERSION,
  clientOf,
  devicePluginService,
  registrationService,
  type AllocateRequest,
  type AllocateResponse,
  type DeviceList,
  type PluginOptions,
  type RegisterRequest,
} from "./api.ts";
import type { Pool } from "./pool.ts";

const OPTIONS: PluginOptions = { pre_start_required: false, get_preferred_allocation_available: false };
const REGISTER_TIMEOUT_MS = 10_000;

/** Serves one pool on a socket of its own. */
export class PoolServer {
  readonly pool: Pool;
  readonly socket: string;
  #server: Server | undefined;

  constructor(pool: Pool, socketDir: string) {
    this.pool = pool;
    this.socket = path.join(socketDir, `plumbline-${pool.config.resource.replaceAll("/", "_")}.sock`);
  }

  /** Serves anew, on a new socket file. Streams of before end. */
  async serve(): Promise<void> {
    await this.stop();
    const server = new Server();
    server.addService(devicePluginService, this.#methods());
    await new Promise<void>((resolve, reject) => {
      server.bindAsync(`unix://${this.socket}`, ServerCredentials.createInsecure(), (error) =>
        error ? reject(error) : resolve(),
      );
    });
    this.#server = server;
  }

  /** Tells the kubelet of the socket; it connects at once. */
  async register(kubeletSocket: string): Promise<void> {
    const request: RegisterRequest = {
      version: API_VERSION,
      endpoint: path.basename(this.socket),
      resource_name: this.pool.config.resource,
      options: OPTIONS,
    };
    const client = clientOf(registrationService, kubeletSocket);
    const method = registrationService["Register"];
    if (method === undefined) throw new Error("the API has no Register");
    try {
      await new Promise<void>((resolve, reject) => {
        const deadline = Date.now() + REGISTER_TIMEOUT_MS;
        client.makeUnaryRequest(
          method.path,
          method.requestSerialize,
          method.responseDeserialize,
          request,
          { deadline },
          (error) => (error ? reject(error) : resolve()),
        );
      });
    } finally {
      client.close();
    }
  }

  async stop(): Promise<void> {
    this.#server?.forceShutdown();
    this.#server = undefined;
    await rm(this.socket, { force: true });
  }

  #methods(): UntypedServiceImplementation {
    return {
      GetDevicePluginOptions: (_call: unknown, answer: sendUnaryData<PluginOptions>) => answer(null, OPTIONS),
      PreStartContainer: (_call: unknown, answer: sendUnaryData<object>) => answer(null, {}),
      GetPreferredAllocation: (_call: unknown, answer: sendUnaryData<object>) =>
        answer({ code: status.UNIMPLEMENTED, details: "this plugin prefers nothing" }),
      ListAndWatch: (stream: ServerWritableStream<object, DeviceList>) => this.#list(stream),
      Allocate: (call: ServerUnaryCall<AllocateRequest, AllocateResponse>, answer: sendUnaryData<AllocateResponse>) => {
        this.pool.allocate(call.request).then(
          (response) => answer(null, response),
          (error: unknown) =>
            answer({ code: status.INTERNAL, details: error instanceof Error ? error.message : String(error) }),
        );
      },
    };
  }

  #list(stream: ServerWritableStream<object, DeviceList>): void {
    const send = (): void => void stream.write({ devices: this.pool.devices() });
    const end = this.pool.onChange(send);
    for (const event of ["cancelled", "close", "error"]) stream.on(event, end);
    send();
  }
}
