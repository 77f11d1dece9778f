import { loadNetworkTemplate, renderNetwork } from "../config/network-templates.ts";
import type { KubeObject } from "../kube/client.ts";
import type { LaneContext } from "./lane-context.ts";
import type { LiveNetwork, NetworkDeclaration } from "./declare-network.ts";
import { attachmentDefinition } from "./pod-manifest.ts";

interface Made extends LiveNetwork {
  readonly config: unknown;
  /** Link on the nodes that the plugin makes and, by design, leaves behind. */
  readonly bridge: string;
}

/** The declared networks of a batch, each with a range and a bridge of its own from the lane's slice. */
export class LiveNetworks {
  readonly #lane: LaneContext;
  readonly #made = new Map<NetworkDeclaration, Made>();

  constructor(lane: LaneContext) {
    this.#lane = lane;
  }

  /** A name that no other batch of this run has: `key-LANExBATCH`. */
  unique(key: string): string {
    return `${key}-${this.#lane.batchTag}`;
  }

  live(declaration: NetworkDeclaration): LiveNetwork {
    const known = this.#made.get(declaration);
    if (known) return known;
    const made = this.#make(declaration);
    this.#made.set(declaration, made);
    return made;
  }

  #make(declaration: NetworkDeclaration): Made {
    const { slice, masterInterface, namespaces } = this.#lane;
    const subnet = slice.ipv4Subnet();
    const bridge = slice.bridgeName();
    const address = (n: number): string => subnet.address(n).split("/")[0] ?? "";
    const staticAddress = address(100);
    const config = renderNetwork(loadNetworkTemplate(declaration.type), {
      ipam: declaration.ipam,
      values: {
        range: subnet.cidr,
        gateway: subnet.gateway,
        address: subnet.address(100),
        // Requests take their addresses from the upper half.
        rangeStart: address(10),
        rangeEnd: address(200),
        master: masterInterface,
        bridge,
      },
    });
    return {
      declaration,
      name: this.unique(declaration.key),
      namespace: declaration.namespace === "own" ? namespaces.own : namespaces.other,
      range: subnet.cidr,
      gateway: subnet.gateway,
      staticAddress,
      address,
      config,
      bridge,
    };
  }

  manifests(): readonly KubeObject[] {
    const { runId } = this.#lane;
    return [...this.#made.values()].map(({ name, namespace, config }) =>
      attachmentDefinition({ name, namespace, config, runId }),
    );
  }

  /** Removes the bridges, which the plugin leaves by design, and empty host-local folders of these networks. */
  async removeFromNodes(): Promise<void> {
    const made = [...this.#made.values()];
    if (made.length === 0) return;
    const lines = made.flatMap(({ bridge, name }) => [
      `if [ -e /sys/class/net/${bridge} ]; then ip link delete ${bridge}; fi`,
      `d=/var/lib/cni/networks/${name}; if [ -d $d ]; then rm -f $d/last_reserved_ip.* $d/lock; rmdir $d || true; fi`,
    ]);
    const nodes = this.#lane.podNodes.flatMap((node) => this.#lane.nodes.get(node) ?? []);
    await Promise.all(nodes.map((node) => node.exec(["sh", "-euc", lines.join("\n")], { timeoutMs: 30_000 })));
  }
}
