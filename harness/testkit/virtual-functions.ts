import { Deadline } from "../core/deadline.ts";
import { DeadlineError } from "../core/errors.ts";
import { until } from "../core/until.ts";
import type { SimulatedVf } from "../nodes/simvf.ts";
import { devicesWrittenAtMs, registeredDevices } from "../nodes/hardware-vfs.ts";
import { RESOURCE_NAME } from "./declare-network.ts";
import { NodeVfs, type HomeLink, type VfRow } from "./node-vfs.ts";
import type { TestPod } from "./test-pod.ts";
import { resourceOn } from "./vf-site.ts";

/**
 * The pools of each node: four VFs; two of which the plugin says more and tells no NUMA node; two for programs of user
 * space. @source fixtures/simvf/function.yaml
 */
export const POOL_A = "plumbline.dev/simvf_a";
export const POOL_B = "plumbline.dev/simvf_b";
export const POOL_DPDK = "plumbline.dev/simvf_dpdk";

/** The annotation by which a network gets devices of the pool. */
export const resourceOf = (pool: string): Readonly<Record<string, string>> => ({ [RESOURCE_NAME]: pool });

/** As the interfaces of VFs are made. */
export const VF_MTU = 1500;
const HOME_MS = 30_000;

/** The VFs of a node by their addresses: what became of them, and how to put them right for the next case. */
export class VirtualFunctions extends NodeVfs {
  readonly #vfs = new Map<string, SimulatedVf>();

  /** The interface of a VF on the node. @returns undefined while it is elsewhere, or under another name */
  async atHome(pci: string): Promise<HomeLink | undefined> {
    return this.homeLink(await this.#made(pci));
  }

  /** What was asked of a VF. */
  async rowOf(pci: string): Promise<VfRow> {
    return this.row(await this.#made(pci));
  }

  /** How often a VF went with a network namespace since the node was made. */
  async timesLost(...pcis: readonly string[]): Promise<number> {
    return (await this.events()).filter(({ event, pci }) => event === "lost" && pcis.includes(pci)).length;
  }

  /** How often a VF was lost since a time of this host, which is the nodes' own: attempts at a pod that failed count. */
  async timesLostSince(sinceMs: number, pci: string): Promise<number> {
    const own = (await this.events()).filter((event) => event.event === "lost" && event.pci === pci);
    return own.filter(({ at }) => Date.parse(at) >= sinceMs).length;
  }

  /** Devices of a pod by the kubelet's own account, in the order of their addresses. */
  async devicesOf({ uid }: Pick<TestPod, "uid">, pool?: string): Promise<readonly string[]> {
    const grants = (await this.grants()).filter(
      ({ podUid, resource }) => podUid === uid && (pool === undefined || resource === resourceOn(this.site, pool)),
    );
    return grants.flatMap(({ devices }) => devices).toSorted();
  }

  /** Devices of a pool that the kubelet may give, by its own account: those that the plugin calls healthy. */
  async registered(pool: string): Promise<readonly string[]> {
    return ((await registeredDevices(this.node))?.[resourceOn(this.site, pool)] ?? []).toSorted();
  }

  /** When the kubelet wrote that account, by its node's clock: a plugin that has gone stands in it until the next one. */
  async registeredAtMs(): Promise<number> {
    return devicesWrittenAtMs(this.node);
  }

  /**
   * Waits until the interface of a VF is on the node under its own name, and nobody moves it any more: it is down then, if it
   * is simulated; a real one may be set up by whoever manages the node.
   */
  async whenHome(pci: string): Promise<HomeLink | undefined> {
    try {
      return await until(async () => this.atHome(pci), {
        what: `VF ${pci} of ${this.node.name} to be at home`,
        deadline: Deadline.in(HOME_MS),
        done: (link) => link !== undefined && (this.site !== undefined || !link.up),
      });
    } catch (error) {
      // where it is then is for the case to say
      if (error instanceof DeadlineError) return this.atHome(pci);
      throw error;
    }
  }

  /** A VF by its address; where it is may have changed since. Asking the node each time costs more than the rest. */
  async #made(pci: string): Promise<SimulatedVf> {
    const known = this.#vfs.get(pci) ?? (await this.at(pci));
    this.#vfs.set(pci, known);
    return known;
  }

  /**
   * Puts a VF that is at home back as it was made, after what plugins did to it was judged: the next pod has it. A real one
   * is nobody's to change but its plugin's.
   */
  async tidy(pci: string): Promise<void> {
    if (this.site) return;
    await this.putRight(pci);
  }
}

/**
 * Makes pods that are made by their cases, where no case has made them yet. Pods with VFs are: made by the batch, those of
 * later cases would hold the few VFs that a node has while those of this case wait for one.
 */
export async function bringUp(...testPods: readonly TestPod[]): Promise<void> {
  await Promise.all(testPods.map(async (testPod) => (testPod.isKnown ? undefined : testPod.create())));
}

/** The devices of one pool that a pod has, by what its container was told. */
export async function toldDevices(testPod: TestPod, pool: string): Promise<readonly string[]> {
  const { stdout } = await testPod.exec("printenv", environmentName(testPod.resource(pool)));
  return stdout.trim().split(",");
}

/** The VFs of the node that a pod lies on. */
export function virtualFunctionsOf(testPod: TestPod): VirtualFunctions {
  return new VirtualFunctions(testPod.onNode, testPod.vfSite);
}

/**
 * The variable in which a device plugin tells of devices: a hyphen stays one, which a shell cannot say but `printenv` can.
 * @source sriov-network-device-plugin pkg/resources/server.go, getEnvs
 */
export function environmentName(pool: string): string {
  return `PCIDEVICE_${pool.replaceAll(/[./]/gu, "_").toUpperCase()}`;
}
