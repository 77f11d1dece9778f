import { credentials, makeGenericClientConstructor, type Client, type ServiceDefinition } from "@grpc/grpc-js";
import { fromJSON } from "@grpc/proto-loader";

/**
 * The part of the kubelet's API that a device plugin needs, names and numbers as on the wire.
 * @source kubernetes/kubelet, pkg/apis/deviceplugin/v1beta1/api.proto
 */
const WIRE = {
  nested: {
    v1beta1: {
      nested: {
        Registration: { methods: { Register: rpc("RegisterRequest", "Empty") } },
        DevicePlugin: {
          methods: {
            GetDevicePluginOptions: rpc("Empty", "DevicePluginOptions"),
            ListAndWatch: { ...rpc("Empty", "ListAndWatchResponse"), responseStream: true },
            GetPreferredAllocation: rpc("PreferredAllocationRequest", "PreferredAllocationResponse"),
            Allocate: rpc("AllocateRequest", "AllocateResponse"),
            PreStartContainer: rpc("PreStartContainerRequest", "PreStartContainerResponse"),
          },
        },
        Empty: message({}),
        DevicePluginOptions: message({ pre_start_required: "bool", get_preferred_allocation_available: "bool" }),
        RegisterRequest: message({
          version: "string",
          endpoint: "string",
          resource_name: "string",
          options: "DevicePluginOptions",
        }),
        ListAndWatchResponse: message({ devices: "*Device" }),
        Device: message({ ID: "string", health: "string", topology: "TopologyInfo" }),
        TopologyInfo: message({ nodes: "*NUMANode" }),
        NUMANode: message({ ID: "int64" }),
        PreferredAllocationRequest: message({}),
        PreferredAllocationResponse: message({}),
        PreStartContainerRequest: message({ devices_ids: "*string" }),
        PreStartContainerResponse: message({}),
        AllocateRequest: message({ container_requests: "*ContainerAllocateRequest" }),
        ContainerAllocateRequest: message({ devices_ids: "*string" }),
        AllocateResponse: message({ container_responses: "*ContainerAllocateResponse" }),
        ContainerAllocateResponse: {
          fields: {
            envs: { keyType: "string", type: "string", id: 1 },
            mounts: { rule: "repeated", type: "Mount", id: 2 },
            devices: { rule: "repeated", type: "DeviceSpec", id: 3 },
            annotations: { keyType: "string", type: "string", id: 4 },
          },
        },
        Mount: message({ container_path: "string", host_path: "string", read_only: "bool" }),
        DeviceSpec: message({ container_path: "string", host_path: "string", permissions: "string" }),
      },
    },
  },
};

export const API_VERSION = "v1beta1";

export interface RegisterRequest {
  readonly version: string;
  /** File name of the plugin's socket, beside the kubelet's. */
  readonly endpoint: string;
  readonly resource_name: string;
  readonly options: PluginOptions;
}

export interface PluginOptions {
  readonly pre_start_required: boolean;
  readonly get_preferred_allocation_available: boolean;
}

export interface Device {
  readonly ID: string;
  readonly health: "Healthy" | "Unhealthy";
  readonly topology?: { readonly nodes: readonly { readonly ID: number }[] };
}

export interface DeviceList {
  readonly devices: readonly Device[];
}

export interface AllocateRequest {
  readonly container_requests: readonly { readonly devices_ids: readonly string[] }[];
}

export interface AllocateResponse {
  readonly container_responses: readonly ContainerAllocation[];
}

/** What a container gets. */
export interface ContainerAllocation {
  readonly envs: Readonly<Record<string, string>>;
  readonly mounts: readonly Mount[];
  readonly devices: readonly {
    readonly container_path: string;
    readonly host_path: string;
    readonly permissions: string;
  }[];
  readonly annotations: Readonly<Record<string, string>>;
}

export interface Mount {
  readonly container_path: string;
  readonly host_path: string;
  readonly read_only: boolean;
}

const definition = fromJSON(WIRE as unknown as Parameters<typeof fromJSON>[0], {
  keepCase: true,
  longs: Number,
  defaults: true,
});

export const registrationService: ServiceDefinition = service("Registration");
export const devicePluginService: ServiceDefinition = service("DevicePlugin");

/** A client of one of the two services on a unix socket. */
export function clientOf(of: ServiceDefinition, socket: string): Client {
  const Constructor = makeGenericClientConstructor(of, "kubelet");
  return new Constructor(`unix://${socket}`, credentials.createInsecure());
}

function service(name: string): ServiceDefinition {
  return definition[`v1beta1.${name}`] as ServiceDefinition;
}

function rpc(requestType: string, responseType: string): { requestType: string; responseType: string } {
  return { requestType, responseType };
}

/** Fields are numbered in their order; `*` before a type means repeated. */
function message(fields: Readonly<Record<string, string>>): { fields: Record<string, object> } {
  const numbered = Object.entries(fields).map(([name, type], index) => {
    const field = type.startsWith("*") ? { rule: "repeated", type: type.slice(1) } : { type };
    return [name, { ...field, id: index + 1 }];
  });
  return { fields: Object.fromEntries(numbered) as Record<string, object> };
}
