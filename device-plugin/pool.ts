import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { AllocateRequest, AllocateResponse, ContainerAllocation, Device } from "./api.ts";
import type { PoolConfig } from "./config.ts";
import type { AllocateFault, Control } from "./control.ts";
import type { Vf } from "./discover.ts";

const USERSPACE_DRIVERS = ["vfio-pci", "uio_pci_generic", "igb_uio"];

/** The VFs behind one resource: their health, and what a container gets with them. */
export class Pool {
  readonly config: PoolConfig;
  readonly #vfs: ReadonlyMap<string, Vf>;
  readonly #deviceInfoDir: string;
  readonly #watchers = new Set<() => void>();
  #unhealthy: ReadonlySet<string> = new Set();
  #fault: AllocateFault | undefined;
  #faulty = 0;

  constructor(config: PoolConfig, vfs: readonly Vf[], deviceInfoDir: string) {
    this.config = config;
    this.#vfs = new Map(vfs.map((vf) => [vf.address, vf]));
    this.#deviceInfoDir = deviceInfoDir;
  }

  devices(): readonly Device[] {
    return [...this.#vfs.values()].map((vf) => {
      const health = this.#unhealthy.has(vf.address) ? "Unhealthy" : "Healthy";
      const told = vf.numaNode !== undefined && !this.config.excludeTopology;
      return { ID: vf.address, health, ...(told ? { topology: { nodes: [{ ID: vf.numaNode ?? 0 }] } } : {}) };
    });
  }

  /** @returns what ends it */
  onChange(tell: () => void): () => void {
    this.#watchers.add(tell);
    return () => this.#watchers.delete(tell);
  }

  /** @throws Error if it names a device that is not in the pool */
  check(said: Control[string] | undefined): void {
    const unknown = said?.unhealthy.filter((address) => !this.#vfs.has(address)) ?? [];
    if (unknown.length > 0) throw new Error(`pool ${this.config.resource} has no device ${unknown.join(", ")}`);
  }

  /** Does what was checked. Whoever lists the devices is told if their health has changed. */
  control(said: Control[string] | undefined): void {
    const unhealthy = new Set(said?.unhealthy);
    const changed = [...this.#vfs.keys()].some((address) => unhealthy.has(address) !== this.#unhealthy.has(address));
    this.#unhealthy = unhealthy;
    this.#fault = said?.allocate;
    this.#faulty = 0;
    if (changed) for (const tell of this.#watchers) tell();
  }

  /** @throws Error if the request cannot be met, or shall not be */
  async allocate(request: AllocateRequest): Promise<AllocateResponse> {
    const fault = this.#nextFault();
    if (fault) await delay(fault.delayMs);
    if (fault?.error !== undefined) throw new Error(fault.error);
    const responses = request.container_requests.map((one) => this.#container(one.devices_ids));
    await Promise.all(request.container_requests.flatMap((one) => one.devices_ids.map((id) => this.#writeInfo(id))));
    return { container_responses: responses };
  }

  /** Removes what an earlier run left: the files of devices that nobody has asked for since. */
  async removeInfo(): Promise<void> {
    await Promise.all([...this.#vfs.keys()].map((address) => rm(this.#infoFile(address), { force: true })));
  }

  #nextFault(): AllocateFault | undefined {
    if (this.#fault?.times !== undefined && this.#faulty >= this.#fault.times) return undefined;
    this.#faulty++;
    return this.#fault;
  }

  #container(addresses: readonly string[]): ContainerAllocation {
    const vfs = addresses.map((address) => {
      const vf = this.#vfs.get(address);
      if (!vf) throw new Error(`pool ${this.config.resource} has no device ${address}`);
      return vf;
    });
    const name = `PCIDEVICE_${this.config.resource.replaceAll(/[./-]/gu, "_").toUpperCase()}`;
    const info = Object.fromEntries(addresses.map((address) => [address, this.#info(address)]));
    return {
      envs: { [name]: addresses.join(","), [`${name}_INFO`]: JSON.stringify(info) },
      mounts: this.config.mounts.map((mount) => ({
        container_path: mount.containerPath,
        host_path: mount.hostPath,
        read_only: mount.readOnly,
      })),
      devices: deviceNodes(vfs),
      annotations: this.config.annotations,
    };
  }

  #info(address: string): object {
    const extra = { ...this.config.additionalInfo["*"], ...this.config.additionalInfo[address] };
    const generic = { generic: { deviceID: address } };
    return Object.keys(extra).length > 0 ? { ...generic, extra_info: extra } : generic;
  }

  /**
   * The file from which Multus tells of the device in the network status.
   * @source k8snetworkplumbingwg/device-info-spec
   */
  async #writeInfo(address: string): Promise<void> {
    const file = this.#infoFile(address);
    const info = { type: "pci", version: "1.1.0", pci: { "pci-address": address } };
    await mkdir(this.#deviceInfoDir, { recursive: true });
    await writeFile(`${file}.new`, JSON.stringify(info));
    await rename(`${file}.new`, file);
  }

  #infoFile(address: string): string {
    return path.join(this.#deviceInfoDir, `${this.config.resource.replaceAll("/", "-")}-${address}-device.json`);
  }
}

/** Files of VFIO; a simulated VF has no IOMMU group and so gets none. */
function deviceNodes(vfs: readonly Vf[]): ContainerAllocation["devices"] {
  const groups = vfs.flatMap((vf) =>
    USERSPACE_DRIVERS.includes(vf.driver) && vf.iommuGroup !== undefined ? [vf.iommuGroup] : [],
  );
  const files = groups.length > 0 ? ["vfio", ...groups].map((name) => `/dev/vfio/${name}`) : [];
  return files.map((file) => ({ container_path: file, host_path: file, permissions: "mrw" }));
}
