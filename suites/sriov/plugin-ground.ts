import {
  BareContainer,
  bringUp,
  FRESH_ROW,
  nodeOf,
  VF_MTU,
  VirtualFunctions,
  type CaseNode,
  type TestPod,
} from "../../harness/testkit/index.ts";
import { S1 } from "./vf-networks.ts";

type Json = Readonly<Record<string, unknown>>;

/** A VF that nobody else uses, and containers on its node that may have it. */
export class Ground {
  readonly vfs: VirtualFunctions;
  readonly pci: string;
  readonly mac: string;
  readonly #node: CaseNode;
  readonly #network: string;
  readonly #prefix: string;

  private constructor(made: {
    vfs: VirtualFunctions;
    pci: string;
    mac: string;
    node: CaseNode;
    network: string;
    prefix: string;
  }) {
    this.vfs = made.vfs;
    this.pci = made.pci;
    this.mac = made.mac;
    this.#node = made.node;
    this.#network = made.network;
    this.#prefix = made.prefix;
  }

  /** @param prefix begins the ids of containers: faults are narrowed by it */
  static async of(
    testPod: TestPod,
    { nodes, prefix }: { nodes: readonly CaseNode[]; prefix: string },
  ): Promise<Ground> {
    await bringUp(testPod);
    testPod.seen();
    const node = nodeOf(testPod, nodes);
    const vfs = new VirtualFunctions(node);
    const [device = "none"] = await vfs.devicesOf(testPod);
    const { pci, mac = "none" } = await vfs.at(device);
    return new Ground({ vfs, pci, mac, node, network: testPod.network.name, prefix });
  }

  async container(name: string): Promise<BareContainer> {
    return BareContainer.open([this.#node], `${this.#prefix}-${name}-${this.#network}`);
  }

  config(rest: Json = {}): Json {
    return { cniVersion: "1.0.0", name: this.#network, type: S1, deviceID: this.pci, ...rest };
  }

  /** What is not as it was made: nothing, of a VF that was not touched. */
  async changes(): Promise<Json> {
    const home = await this.vfs.atHome(this.pci);
    const row = await this.vfs.rowOf(this.pci);
    const was: Json = { ...FRESH_ROW, rowMac: FRESH_ROW.mac, mac: this.mac, mtu: VF_MTU, up: false };
    const now: Json = { ...row, rowMac: row.mac, mac: home?.mac, mtu: home?.mtu, up: home?.up };
    return Object.fromEntries(Object.entries(now).filter(([key, value]) => was[key] !== value));
  }
}
