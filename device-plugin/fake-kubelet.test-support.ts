import { rmSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import path from "node:path";
import {
  Server,
  ServerCredentials,
  type Client,
  type ClientReadableStream,
  type sendUnaryData,
  type ServerUnaryCall,
  type ServiceError,
} from "@grpc/grpc-js";
import {
  clientOf,
  devicePluginService,
  registrationService,
  type AllocateRequest,
  type AllocateResponse,
  type DeviceList,
  type RegisterRequest,
} from "./api.ts";

/**
 * The kubelet's side of the API, over the same sockets: a real kubelet needs a node, a container runtime and an API server,
 * and tells nobody what a plugin sent it. Like the kubelet it empties its folder when it starts, connects to a plugin within
 * its Register, and follows ListAndWatch.
 */
export class FakeKubelet {
  readonly registrations: RegisterRequest[] = [];
  /** Lists of devices as they came, by resource. */
  readonly lists = new Map<string, DeviceList["devices"][]>();
  readonly #dir: string;
  readonly #plugins = new Map<string, Client>();
  readonly #streams: ClientReadableStream<DeviceList>[] = [];
  #server: Server | undefined;

  constructor(dir: string) {
    this.#dir = dir;
  }

  /** @param keep  leaves the sockets of plugins, as one that only makes its own anew */
  async start({ keep = false } = {}): Promise<void> {
    const old = keep ? ["kubelet.sock"] : await readdir(this.#dir);
    for (const name of old) await rm(path.join(this.#dir, name), { force: true });
    const server = new Server();
    server.addService(registrationService, {
      Register: (call: ServerUnaryCall<RegisterRequest, object>, answer: sendUnaryData<object>) => {
        this.registrations.push(call.request);
        this.#follow(call.request);
        answer(null, {});
      },
    });
    await new Promise<void>((resolve, reject) => {
      const socket = path.join(this.#dir, "kubelet.sock");
      server.bindAsync(`unix://${socket}`, ServerCredentials.createInsecure(), (error) =>
        error ? reject(error) : resolve(),
      );
    });
    this.#server = server;
  }

  /** Ends as a kubelet that is killed: its socket file may stay. */
  stop(): void {
    for (const stream of this.#streams.splice(0)) stream.cancel();
    for (const client of this.#plugins.values()) client.close();
    this.#plugins.clear();
    this.#server?.forceShutdown();
    this.#server = undefined;
    rmSync(path.join(this.#dir, "kubelet.sock"), { force: true });
  }

  /** The newest list of a resource. */
  latest(resource: string): DeviceList["devices"] | undefined {
    return this.lists.get(resource)?.at(-1);
  }

  options(resource: string): Promise<unknown> {
    return this.#call(resource, "GetDevicePluginOptions", {});
  }

  /** @param containers  the devices of each container of the request */
  allocate(resource: string, ...containers: readonly (readonly string[])[]): Promise<AllocateResponse> {
    const request: AllocateRequest = { container_requests: containers.map((ids) => ({ devices_ids: ids })) };
    return this.#call(resource, "Allocate", request) as Promise<AllocateResponse>;
  }

  #follow({ endpoint, resource_name: resource }: RegisterRequest): void {
    const client = clientOf(devicePluginService, path.join(this.#dir, endpoint));
    this.#plugins.get(resource)?.close();
    this.#plugins.set(resource, client);
    const { path: route, requestSerialize, responseDeserialize } = methodOf("ListAndWatch");
    const stream = client.makeServerStreamRequest(route, requestSerialize, responseDeserialize, {});
    this.#streams.push(stream as ClientReadableStream<DeviceList>);
    const seen = this.lists.get(resource) ?? [];
    this.lists.set(resource, seen);
    stream.on("data", (list: DeviceList) => seen.push(list.devices));
    // a plugin that stops ends it, and so does stop()
    stream.on("error", () => undefined);
  }

  #call(resource: string, name: string, request: object): Promise<unknown> {
    const client = this.#plugins.get(resource);
    if (!client) throw new Error(`${resource} is not registered`);
    const { path: route, requestSerialize, responseDeserialize } = methodOf(name);
    return new Promise((resolve, reject) => {
      client.makeUnaryRequest(
        route,
        requestSerialize,
        responseDeserialize,
        request,
        (error: ServiceError | null, value) => (error ? reject(error) : resolve(value)),
      );
    });
  }
}

function methodOf(name: string): (typeof devicePluginService)[string] {
  const method = devicePluginService[name];
  if (method === undefined) throw new Error(`the API has no ${name}`);
  return method;
}
