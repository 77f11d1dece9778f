import type { Violation } from "./violation.ts";

/** What is left on a node of a pod that is gone; the shape of nodes/' ResidueItem as far as it matters here. */
export interface ResidueSeen {
  /** e.g. `link`, `lease`, `cni-cache` */
  readonly kind: string;
  /** Identifies it on the node, e.g. a path or an interface name. */
  readonly key: string;
  /** The thing itself, as far as a person wants to see it. */
  readonly what: unknown;
  /** How it names the pod: a sandbox id, an address, ... */
  readonly names: string | readonly string[];
}

/**
 * Residue as violations, one a thing. A forced deletion takes another way through the kubelet than a normal one, so
 * what it leaves belongs to its own case.
 * @source CNI spec 1.1.0 section 2, DEL; catalogue TD-001 and TD-014
 */
export function residueViolations(
  items: readonly ResidueSeen[],
  gone: { readonly pod: string; readonly deletion: "normal" | "force" },
): readonly Violation[] {
  const unique = new Map(items.map((item) => [`${item.kind} ${item.key}`, item]));
  return [...unique].map(([thing, item]) => ({
    invariant: "no-residue",
    clauseCase: gone.deletion === "force" ? "TD-014" : "TD-001",
    pod: gone.pod,
    thing,
    expected: null,
    observed: { kind: item.kind, key: item.key, what: item.what, names: item.names },
    message: `${thing} is left of the pod: it names ${[item.names].flat().join(", ") || "it"}`,
  }));
}
