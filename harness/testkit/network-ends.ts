import type { CaseNetwork } from "./case-network.ts";
import type { CaseNode } from "./case-node.ts";
import type { End } from "./datagrams.ts";

/** Whom a pod of a network may reach through it; see fixtures/networks. */
export type ReachTarget = "pod-same-node" | "pod-other-node" | "own-node" | "pod-other-network" | "outside-peer";

export const REACH_TARGETS: readonly ReachTarget[] = [
  "pod-same-node",
  "pod-other-node",
  "own-node",
  "pod-other-network",
  "outside-peer",
];

const IFNAME = "net1";
/** Last part of an address in the network's range, of each who takes part. */
const HOST = { sender: 11, "pod-same-node": 12, "pod-other-node": 13, "pod-other-network": 14, node: 200, peer: 201 };

interface Places {
  readonly node: CaseNode;
  readonly otherNode: CaseNode;
  readonly peer: CaseNode;
}

type Who = "sender" | "pod-same-node" | "pod-other-node" | "pod-other-network";

/** A network of one type, with a container of each kind that its template tells of, made by the plugins themselves. */
export class NetworkEnds {
  readonly type: string;
  readonly #network: CaseNetwork;
  readonly #second: CaseNetwork;
  readonly #places: Places;
  readonly #undo: (() => Promise<unknown>)[] = [];
  readonly #ends = new Map<Who, End | undefined>();

  /** @param second another network of that type: whoever is in it has an address of the first one's range */
  constructor(of: { type: string; network: CaseNetwork; second: CaseNetwork }, places: Places) {
    this.type = of.type;
    this.#network = of.network;
    this.#second = of.second;
    this.#places = places;
  }

  /** What the template says of a target, and why. */
  verdictOn(target: ReachTarget): { readonly verdict: "must" | "mustNot" | "open"; readonly why: string } {
    for (const verdict of ["must", "mustNot", "open"] as const) {
      const found = this.#network.reach[verdict].find(({ to }) => to === target);
      if (found) return { verdict, why: found.why };
    }
    throw new Error(`the network ${this.type} does not tell of ${target}`);
  }

  /** The end that sends. @throws Error if the plugins refused it */
  get sender(): End {
    const end = this.#ends.get("sender");
    if (!end) throw new Error(`the network ${this.type} has no sender`);
    return end;
  }

  /** @returns undefined if the plugins refused to make it */
  end(target: ReachTarget): End | undefined {
    const { node, peer } = this.#places;
    const master = this.#network.live.master;
    if (target === "own-node") return { on: node, device: master, address: this.#nodeAddress };
    if (target === "outside-peer") return { on: peer, device: master, address: this.#address("peer") };
    return this.#ends.get(target);
  }

  /** A plugin that makes the node a gateway gives it that address; else it is on the link itself. */
  get #nodeAddress(): string {
    const hasGateway = this.verdictOn("own-node").verdict === "must" && !this.#movesDevice;
    return hasGateway ? this.#network.live.gateway : this.#address("node");
  }

  get #movesDevice(): boolean {
    return this.type === "host-device";
  }

  #address(who: keyof typeof HOST): string {
    return this.#network.live.address(HOST[who]);
  }

  /**
   * What the administrator of a node has there before the first container, as commands of `ip`. What a network does not
   * deliver must not leave the node by its default route.
   */
  get ground(): ReadonlyMap<CaseNode, readonly string[]> {
    const { node, otherNode, peer } = this.#places;
    const { range, master } = this.#network.live;
    const kept = `route add unreachable ${range} metric 9999`;
    const devices = this.#movesDevice ? [this.#network.live.bridge, this.#second.live.bridge] : [];
    const pairs = devices.flatMap((device) => [
      `link add ${device} type veth peer name ${otherEnd(device)}`,
      `link set ${otherEnd(device)} up`,
    ]);
    const bearer = devices[0] === undefined ? master : otherEnd(devices[0]);
    const own = this.#nodeAddress === this.#address("node") && this.verdictOn("own-node").verdict !== "open";
    return new Map([
      [node, [kept, ...pairs, ...(own ? [`address add ${this.#address("node")}/24 dev ${bearer}`] : [])]],
      [otherNode, [kept, ...pairs]],
      [peer, [`address add ${this.#address("peer")}/24 dev ${master}`]],
    ]);
  }

  /** Takes the ground away again; what is gone already is no matter. */
  get groundGone(): ReadonlyMap<CaseNode, readonly string[]> {
    const undone = [...this.ground].map(([on, lines]) => {
      const gone = lines.flatMap((line) => (line.includes(" add ") ? [undoing(line)] : []));
      return [on, gone.toReversed()] as const;
    });
    return new Map(undone);
  }

  /** Makes all containers. */
  async open(): Promise<void> {
    const { node, otherNode } = this.#places;
    await this.#add(node, "sender");
    for (const who of ["pod-same-node", "pod-other-node", "pod-other-network"] as const) {
      if (this.verdictOn(who).verdict === "open") continue;
      await this.#add(who === "pod-other-node" ? otherNode : node, who);
    }
  }

  async #add(on: CaseNode, who: Who): Promise<void> {
    const { live, list } = who === "pod-other-network" ? this.#second : this.#network;
    const invoker = await on.invoker();
    const { path: netns } = await invoker.namespace();
    const address = this.#address(who);
    const { gateway } = this.#network.live;
    const ipam = { type: "static", addresses: [{ address: `${address}/24`, gateway }] };
    const plugins = list.plugins.map((plugin) => ("ipam" in plugin ? { ...plugin, ipam } : plugin));
    const call = {
      list: { ...list, name: live.name, plugins },
      // faults are narrowed by it
      containerId: `reach-${this.type}-${who}`,
      netns,
      ifname: IFNAME,
    };
    const { result, failedAt } = await invoker.chain({ ...call, command: "ADD" });
    this.#undo.push(() => invoker.chain({ ...call, command: "DEL", ...(result ? { prevResult: result } : {}) }));
    const isMade = failedAt === undefined || failedAt === null;
    this.#ends.set(who, isMade ? { on, netns, device: IFNAME, address } : undefined);
  }

  /** Has the plugins take all containers away, the last first. */
  async close(): Promise<void> {
    for (let undo = this.#undo.pop(); undo; undo = this.#undo.pop()) await undo();
  }
}

function otherEnd(device: string): string {
  return `${device}p`;
}

/** `address add X dev Y` -> `address del X dev Y`; a pair goes with either end. */
function undoing(line: string): string {
  const device = /^link add (\S+)p? type veth/.exec(line)?.[1];
  return device === undefined ? line.replace(" add ", " del ") : `link del ${otherEnd(device)}`;
}
