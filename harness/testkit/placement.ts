import type { PodDeclaration } from "./declare-pod.ts";
import type { LaneContext } from "./lane-context.ts";
import { wantsVfs } from "./vf-declarations.ts";

type Placed = Pick<PodDeclaration, "group" | "apart" | "resources" | "attachments">;

/**
 * Pods lie on the nodes in turn; those of a group on the node of its first; those apart where no other pod lies, if the
 * cluster has such a node. Where VFs are those of real NICs, pods that want some lie on nodes that have them.
 */
export class Placement {
  readonly #all: Turns;
  readonly #withVfs: Turns;

  constructor({ podNodes, nodes, vfSite }: Pick<LaneContext, "podNodes" | "nodes" | "vfSite">) {
    this.#all = new Turns(podNodes, [...nodes.keys()]);
    const having = vfSite && podNodes.filter((name) => vfSite.homes[name] !== undefined);
    this.#withVfs = having ? new Turns(having, having) : this.#all;
  }

  nodeFor(declaration: Placed): string {
    return (wantsVfs(declaration) ? this.#withVfs : this.#all).nodeFor(declaration);
  }
}

class Turns {
  readonly #nodes: readonly string[];
  readonly #apart: string;
  readonly #groups = new Map<string, string>();
  #next = 0;

  /** @param podNodes nodes for all pods @param nodes these and others, where pods may lie apart */
  constructor(podNodes: readonly string[], nodes: readonly string[]) {
    const free = nodes.find((name) => !podNodes.includes(name));
    this.#apart = free ?? podNodes.at(-1) ?? "";
    this.#nodes = free === undefined && podNodes.length > 1 ? podNodes.slice(0, -1) : podNodes;
  }

  nodeFor({ group, apart }: Pick<Placed, "group" | "apart">): string {
    if (apart) return this.#apart;
    const known = group === undefined ? undefined : this.#groups.get(group);
    if (known !== undefined) return known;
    const node = this.#nodes[this.#next++ % this.#nodes.length] ?? "";
    if (group !== undefined) this.#groups.set(group, node);
    return node;
  }
}
