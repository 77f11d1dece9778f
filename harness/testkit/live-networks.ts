import {
  loadNetworkTemplate,
  remainingLinks,
  renderNetwork,
  type NetworkTemplate,
} from "../config/network-templates.ts";
import type { KubeObject } from "../kube/client.ts";
import { CaseNetwork } from "./case-network.ts";
import { definitionAnnotations } from "./definition-annotations.ts";
import type { LaneContext } from "./lane-context.ts";
import type { ListConfig, LiveNetwork, NetworkDeclaration, NetworkNamespace } from "./declare-network.ts";
import { networkValues } from "./network-values.ts";
import { attachmentDefinition, namespaceManifest } from "./pod-manifest.ts";
import { isOnLink } from "./site-needs.ts";
import { ipamVariant, takesPlaceOf } from "./subject-network.ts";
import { removePools } from "./whereabouts.ts";

interface Made {
  readonly live: LiveNetwork;
  readonly config: unknown;
}

/** The declared networks of a batch, each with a range and a bridge of its own from the lane's slice. */
export class LiveNetworks {
  readonly #lane: LaneContext;
  readonly #made = new Map<NetworkDeclaration, Made>();
  #brief: string | undefined;

  constructor(lane: LaneContext) {
    this.#lane = lane;
  }

  /** A name that no other batch of this run has: `key-LANExBATCH`. */
  unique(key: string): string {
    return `${key}-${this.#lane.batchTag}`;
  }

  /** The namespace of pods and networks of a kind. The first that asks for the brief one brings it about. */
  namespace(of: NetworkNamespace): string {
    if (of !== "brief") return this.#lane.namespaces[of];
    return (this.#brief ??= this.#lane.slice.namespace("brief"));
  }

  live(declaration: NetworkDeclaration): LiveNetwork {
    return this.#of(declaration).live;
  }

  /** The network as a case works with it. */
  caseNetwork(declaration: NetworkDeclaration): CaseNetwork {
    const { kube, runId } = this.#lane;
    return new CaseNetwork({ ...this.#of(declaration), kube, runId });
  }

  #of(declaration: NetworkDeclaration): Made {
    const known = this.#made.get(declaration);
    if (known) return known;
    const live = this.#place(declaration);
    const made = { live, config: configOf(live) };
    this.#made.set(declaration, made);
    return made;
  }

  #place(declaration: NetworkDeclaration): LiveNetwork {
    const { slice, masterInterface: master, subject, vfSite, vfMover } = this.#lane;
    const onLink = isOnLink(declaration, subject);
    const subnet = onLink ? slice.linkSubnet() : declaration.onVfs ? slice.vfSubnet() : slice.ipv4Subnet();
    const subnet6 = slice.ipv6Subnet();
    const address = (n: number): string => withoutPrefix(subnet.address(n));
    return {
      declaration,
      name: this.unique(declaration.key),
      namespace: this.namespace(declaration.namespace),
      range: subnet.cidr,
      gateway: subnet.gateway,
      range6: subnet6.cidr,
      gateway6: subnet6.gateway,
      staticAddress: address(100),
      bridge: slice.bridgeName(),
      master,
      subject,
      vfSite,
      vfMover,
      hostPort: slice.hostPort(),
      vlanId: slice.vlanId(),
      mac: slice.mac(),
      address,
      address6: (n) => withoutPrefix(subnet6.address(n)),
    };
  }

  manifests(): readonly KubeObject[] {
    const { runId } = this.#lane;
    const definitions = [...this.#made]
      .filter(([{ madeBy }]) => madeBy === "batch")
      .map(([, { live, config }]) => {
        const { name, namespace } = live;
        return attachmentDefinition({ name, namespace, annotations: definitionAnnotations(live), config, runId });
      });
    return this.#brief === undefined ? definitions : [namespaceManifest(this.#brief, runId), ...definitions];
  }

  /** Removes the namespace that a case may have removed already. */
  async removeNamespace(): Promise<void> {
    if (this.#brief !== undefined)
      await this.#lane.kube.delete({ apiVersion: "v1", kind: "Namespace", name: this.#brief });
  }

  /** Removes what IPAM plugins keep in the API of these networks. */
  async removeFromApi(): Promise<void> {
    await removePools(
      this.#lane.kube,
      [...this.#made.values()].map(({ live }) => live),
    );
  }

  /**
   * Removes the links that plugins leave by design, the addresses of containers that no runtime knows, whose cases have
   * judged them, and host-local folders of these networks that are empty then.
   */
  async removeFromNodes(): Promise<void> {
    const made = [...this.#made.values()].map(({ live }) => live);
    if (made.length === 0) return;
    const links = new Set(made.flatMap((live) => [live.bridge, ...remainsOf(live)]));
    const lines = [
      ...[...links].map((link) => `if [ -e /sys/class/net/${link} ]; then ip link delete ${link}; fi`),
      ...made.map(({ name }) => `d=/var/lib/cni/networks/${name}; if [ -d $d ]; then ${REMOVE_LEASES}; fi`),
    ];
    const nodes = [...this.#lane.nodes.values()];
    await Promise.all(nodes.map((node) => node.exec(["sh", "-euc", lines.join("\n")], { timeoutMs: 30_000 })));
  }
}

/** In a host-local folder, `$d`. Runtimes name sandboxes by 64 hexadecimal digits; a case that calls plugins itself does not. */
const REMOVE_LEASES = [
  "rm -f $d/last_reserved_ip.* $d/lock",
  "find $d -type f -exec grep -LE '^[0-9a-f]{64}' {} + | xargs -r rm -f --",
  "rmdir $d || true",
].join("; ");

function configOf(live: LiveNetwork): unknown {
  const { ipam, config, withoutConfig } = live.declaration;
  if (withoutConfig) return undefined;
  const template = templateOf(live);
  const variant = live.subject && takesPlaceOf(live.subject, live.declaration) ? ipamVariant(live.subject, ipam) : ipam;
  const rendered =
    template && (renderNetwork(template, { ipam: variant, values: networkValues(live) }) as unknown as ListConfig);
  return config ? config(live, rendered) : rendered;
}

function remainsOf(live: LiveNetwork): readonly string[] {
  const template = templateOf(live);
  return template ? remainingLinks(template, networkValues(live)) : [];
}

/** That of the plugin under test where it takes the place of the network's own. */
function templateOf({ declaration, subject }: LiveNetwork): NetworkTemplate | undefined {
  if (subject && takesPlaceOf(subject, declaration)) return subject.template;
  return declaration.type === undefined ? undefined : loadNetworkTemplate(declaration.type);
}

function withoutPrefix(cidr: string): string {
  return cidr.slice(0, cidr.indexOf("/"));
}
