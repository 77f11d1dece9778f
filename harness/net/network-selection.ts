import { messageOf, usageError } from "../core/errors.ts";

export const NETWORKS_ANNOTATION = "k8s.v1.cni.cncf.io/networks";

/** One network that a pod asks for. */
export interface NetworkSelection {
  readonly namespace: string;
  readonly name: string;
  /** Requested interface name. */
  readonly interface?: string | undefined;
  readonly ips?: readonly string[] | undefined;
  readonly mac?: string | undefined;
  readonly defaultRoute?: readonly string[] | undefined;
  /** Keys that nothing here knows, written as they are. */
  readonly further?: Readonly<Record<string, unknown>> | undefined;
}

/**
 * What a pod of the harness asks for by its `networks` annotation, in order. It reads what the harness wrote: whether
 * Multus accepts a text is a matter of the cases.
 * @param namespace the pod's own
 * @source NPWG 4.1
 * @throws PlumblineError PL_NETWORKS (usage)
 */
export function parseNetworkSelection(text: string, namespace: string): readonly NetworkSelection[] {
  if (text.trim() === "") return [];
  return /["[{]/.test(text)
    ? fromJson(text, namespace)
    : text.split(",").map((item) => fromShort(item.trim(), namespace));
}

/** The annotation in its JSON form; absent keys stay absent. */
export function writeNetworkSelection(selections: readonly NetworkSelection[]): string {
  return JSON.stringify(
    selections.map(({ name, namespace, ips, mac, interface: ifName, defaultRoute, further }) => ({
      name,
      namespace,
      ...(ifName === undefined ? {} : { interface: ifName }),
      ...(ips === undefined ? {} : { ips }),
      ...(mac === undefined ? {} : { mac }),
      ...(defaultRoute === undefined ? {} : { "default-route": defaultRoute }),
      ...further,
    })),
  );
}

function fromShort(item: string, podNamespace: string): NetworkSelection {
  const match = /^(?:([a-z0-9-]+)\/)?([a-z0-9][a-z0-9.-]*)(?:@([^/@\s]+))?$/.exec(item);
  if (!match?.[2]) throw usageError("PL_NETWORKS", `${JSON.stringify(item)} is not [namespace/]name[@interface]`);
  return { namespace: match[1] ?? podNamespace, name: match[2], interface: match[3] };
}

function fromJson(text: string, podNamespace: string): readonly NetworkSelection[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw usageError("PL_NETWORKS", `a networks annotation is not JSON: ${messageOf(error)}`, { cause: error });
  }
  if (!Array.isArray(value)) throw usageError("PL_NETWORKS", "a networks annotation is not a list");
  return value.map((element: unknown) => {
    const entry = (typeof element === "object" && element !== null ? element : {}) as Record<string, unknown>;
    const name = textOf(entry["name"]);
    if (!name) throw usageError("PL_NETWORKS", "an element of a networks annotation has no name");
    return {
      namespace: textOf(entry["namespace"]) ?? podNamespace,
      name,
      interface: textOf(entry["interface"]),
      ips: textsOf(entry["ips"]),
      mac: textOf(entry["mac"]),
      defaultRoute: textsOf(entry["default-route"]),
    };
  });
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function textsOf(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === "string") : undefined;
}
