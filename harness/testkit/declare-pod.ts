import { writeNetworkSelection, type NetworkSelection } from "../net/network-selection.ts";
import type { LiveNetwork, NetworkDeclaration } from "./declare-network.ts";

/** One element of the networks annotation. Functions get the network as it is in the cluster. */
export interface AttachmentRequest {
  readonly network: NetworkDeclaration;
  readonly interface?: string;
  /** Addresses in CIDR notation. */
  readonly ips?: (network: LiveNetwork) => readonly string[];
  readonly mac?: string;
  /** Gateways for the pod's default route. */
  readonly defaultRoute?: (network: LiveNetwork) => readonly string[];
}

/** How the annotation is written. */
export type AnnotationForm = "short" | "short-with-spaces" | "json";

export interface PodDeclaration {
  /** Short name, unique in its suite; begins the name of the pod. */
  readonly key: string;
  readonly attachments: readonly AttachmentRequest[];
  readonly form: AnnotationForm;
}

/** Declares a pod of the test image with secondary networks. Bare networks stand for requests without keys. */
export function pod(
  key: string,
  networks: readonly (NetworkDeclaration | AttachmentRequest)[],
  options: { readonly form?: AnnotationForm } = {},
): PodDeclaration {
  const attachments = networks.map((item) => ("network" in item ? item : { network: item }));
  const plain = attachments.every((a) => Object.keys(a).length === 1);
  return { key, attachments, form: options.form ?? (plain ? "short" : "json") };
}

/**
 * The text of the networks annotation; undefined where the pod asks for none.
 * @source NPWG multi-network specification v1.3, section 4.1
 */
export function annotationOf(
  declaration: PodDeclaration,
  podNamespace: string,
  live: (network: NetworkDeclaration) => LiveNetwork,
): string | undefined {
  if (declaration.attachments.length === 0) return undefined;
  if (declaration.form !== "json") {
    const names = declaration.attachments.map(({ network }) => shortName(live(network), podNamespace));
    return names.join(declaration.form === "short" ? "," : " , ");
  }
  return writeNetworkSelection(declaration.attachments.map((request) => selection(request, live(request.network))));
}

function shortName(network: LiveNetwork, podNamespace: string): string {
  return network.namespace === podNamespace ? network.name : `${network.namespace}/${network.name}`;
}

function selection(request: AttachmentRequest, network: LiveNetwork): NetworkSelection {
  return {
    name: network.name,
    namespace: network.namespace,
    interface: request.interface,
    mac: request.mac,
    ips: request.ips?.(network),
    defaultRoute: request.defaultRoute?.(network),
  };
}
