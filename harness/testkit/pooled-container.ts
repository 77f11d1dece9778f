import { BareContainer, type PluginAnswer } from "./bare-container.ts";
import type { CaseNode } from "./case-node.ts";
import type { LiveNetwork } from "./declare-network.ts";

type Json = Readonly<Record<string, unknown>>;

/** Namespace of the pods under whose names containers ask; there are no such pods. */
const NAMESPACE = "plumbline";

export interface PooledContainerOptions {
  /** Name of the pod. Default: the id. */
  readonly podName?: string;
  readonly ifname?: string;
}

/**
 * A container without a runtime that asks whereabouts for addresses, which it gives to nobody who does not name a pod. It
 * has no interface: addresses are those of the answer.
 */
export class PooledContainer {
  readonly id: string;
  /** `namespace/name` of the pod under whose name it asks. */
  readonly podRef: string;
  readonly #container: BareContainer;

  private constructor(container: BareContainer, podName: string) {
    this.id = container.id;
    this.podRef = `${NAMESPACE}/${podName}`;
    this.#container = container;
  }

  /** @param nodes it lies on the first of them @param id faults are narrowed by it: begin it with the case's own name */
  static async open(
    nodes: readonly CaseNode[],
    id: string,
    { podName = id, ifname = "net1" }: PooledContainerOptions = {},
  ): Promise<PooledContainer> {
    return new PooledContainer(await BareContainer.open(nodes, id, ifname), podName);
  }

  /** @param ipam keys of its configuration beside the type @param args further CNI_ARGS, e.g. `IP=10.0.0.9/24` */
  async add(live: LiveNetwork, ipam: Json, args?: string): Promise<PluginAnswer> {
    return this.#call("ADD", live, { ipam, args });
  }

  async del(live: LiveNetwork, ipam: Json): Promise<PluginAnswer> {
    return this.#call("DEL", live, { ipam });
  }

  /** ADD for several containers of one node at once. @returns the answers in their order */
  static async addAll(
    containers: readonly PooledContainer[],
    live: LiveNetwork,
    ipam: Json,
  ): Promise<readonly PluginAnswer[]> {
    const bare = containers.map((one) => one.#container);
    return BareContainer.callForAll(bare, "ADD", (container) => {
      const [own] = containers.filter(({ id }) => id === container.id);
      const config = configOf(live, ipam);
      return { config, change: { env: own ? own.#env() : {} }, binary: config.ipam.type };
    });
  }

  async #call(
    command: "ADD" | "DEL",
    live: LiveNetwork,
    { ipam, args }: { readonly ipam: Json; readonly args?: string | undefined },
  ): Promise<PluginAnswer> {
    return this.#container.callIpam(command, configOf(live, ipam), { env: this.#env(args) });
  }

  /** What a runtime tells of the pod. */
  #env(further?: string): Readonly<Record<string, string>> {
    const [namespace, name] = this.podRef.split("/");
    const args = [`IgnoreUnknown=1`, `K8S_POD_NAMESPACE=${namespace}`, `K8S_POD_NAME=${name}`];
    return { CNI_ARGS: [...args, ...(further === undefined ? [] : [further])].join(";") };
  }
}

function configOf(live: LiveNetwork, ipam: Json) {
  return { cniVersion: "1.0.0", name: live.name, type: "bridge", ipam: { type: "whereabouts", ...ipam } };
}

/** The addresses of an answer to ADD in CIDR notation; none if it failed. */
export function givenAddresses({ json }: PluginAnswer): readonly string[] {
  return ((json?.["ips"] ?? []) as readonly { readonly address: string }[]).map(({ address }) => address);
}
