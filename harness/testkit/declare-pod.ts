import { NETWORKS_ANNOTATION, writeNetworkSelection, type NetworkSelection } from "../net/network-selection.ts";
import type { LiveNetwork, NetworkDeclaration } from "./declare-network.ts";

/** One element of the networks annotation. Functions get the network as it is in the cluster. */
export interface AttachmentRequest {
  readonly network: NetworkDeclaration;
  readonly interface?: string;
  /** Addresses in CIDR notation. */
  readonly ips?: (network: LiveNetwork) => readonly string[];
  readonly mac?: string | ((network: LiveNetwork) => string);
  /** Gateways for the pod's default route. */
  readonly defaultRoute?: (network: LiveNetwork) => readonly string[];
  /** Further keys of the element, as they stand in it. */
  readonly keys?: (network: LiveNetwork) => Readonly<Record<string, unknown>>;
}

/** How the annotation is written. */
export type AnnotationForm = "short" | "short-with-spaces" | "json";

/** The live network of a declaration. */
export type Live = (network: NetworkDeclaration) => LiveNetwork;

export interface PodDeclaration {
  /** Short name, unique in its suite; begins the name of the pod. */
  readonly key: string;
  readonly attachments: readonly AttachmentRequest[];
  readonly form: AnnotationForm;
  /** The text of the networks annotation in place of what `attachments` and `form` give. */
  readonly annotation: ((live: Live) => string) | undefined;
  /** Annotations besides that one. */
  readonly annotations: (live: Live) => Readonly<Record<string, string>>;
  /** Labels besides those of everything that the harness makes. */
  readonly labels: Readonly<Record<string, string>>;
  /** What its cases expect: to become ready, or to be refused by the network. */
  readonly expects: "ready" | "refused";
  /** Whether it is left to be tried again once it was refused. */
  readonly stays: boolean;
  /** Whether the batch makes the pod, or the case when it wants it. */
  readonly madeBy: "batch" | "case";
  /** Whether the invariants are judged for it. */
  readonly judged: boolean;
  /** Laid over the pod's specification. */
  readonly spec: Readonly<Record<string, unknown>>;
  /** Laid over its container. */
  readonly container: (live: Live) => Readonly<Record<string, unknown>>;
  /** Extended resources that its container asks for, such as VFs of a pool. */
  readonly resources: Readonly<Record<string, number>>;
  /** Further containers of the test image, laid over what the first one is without options. */
  readonly furtherContainers: readonly Readonly<Record<string, unknown>>[];
  /** Whether it counts as ready without network-status: its cases ask whether there is one. */
  readonly mayLackStatus: boolean;
  /** Its whole name, where that is what the case is about. */
  readonly name: string | undefined;
  /** Pods of one group lie on one node. Default: each its own. */
  readonly group: string | undefined;
  /** Whether it lies on a node that no other pod of the batch lies on: a control plane, if there is one worker. */
  readonly apart: boolean;
  /** Where it lies: where pods do, or in a namespace that its case may delete. */
  readonly namespace: "own" | "brief";
}

export interface PodOptions {
  readonly form?: AnnotationForm;
  readonly annotation?: (live: Live) => string;
  readonly annotations?: (live: Live) => Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  /**
   * Pod setup is expected to fail; the case looks at `outcome()`. The pod is deleted as soon as that is known, since the
   * kubelet tries again and again, unless it `stays`: for cases about what comes next, or about its deletion.
   */
  readonly refused?: boolean | "stays";
  /** The case makes the pod itself, by `create()`. */
  readonly byCase?: boolean;
  /** A plugin of its networks lies or leaves things behind on purpose: the invariants are not judged for it. */
  readonly unjudged?: boolean;
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly container?: (live: Live) => Readonly<Record<string, unknown>>;
  readonly resources?: Readonly<Record<string, number>>;
  readonly furtherContainers?: readonly Readonly<Record<string, unknown>>[];
  readonly mayLackStatus?: boolean;
  readonly name?: string;
  readonly group?: string;
  /** Put on another node than the pods without this option, whatever the number of workers. */
  readonly apart?: boolean;
  readonly namespace?: "own" | "brief";
}

/** Declares a pod of the test image with secondary networks. Bare networks stand for requests without keys. */
export function pod(
  key: string,
  networks: readonly (NetworkDeclaration | AttachmentRequest)[],
  options: PodOptions = {},
): PodDeclaration {
  const attachments = networks.map((item) => ("network" in item ? item : { network: item }));
  const plain = attachments.every((a) => Object.keys(a).length === 1);
  return {
    key,
    attachments,
    form: options.form ?? (plain ? "short" : "json"),
    annotation: options.annotation,
    annotations: options.annotations ?? (() => ({})),
    labels: options.labels ?? {},
    expects: options.refused ? "refused" : "ready",
    stays: options.refused === "stays",
    madeBy: options.byCase ? "case" : "batch",
    judged: !options.unjudged,
    spec: options.spec ?? {},
    container: options.container ?? (() => ({})),
    resources: options.resources ?? {},
    furtherContainers: options.furtherContainers ?? [],
    mayLackStatus: options.mayLackStatus ?? false,
    name: options.name,
    group: options.group,
    apart: options.apart ?? false,
    namespace: options.namespace ?? "own",
  };
}

/** All annotations of a declared pod. */
export function annotationsOf(declaration: PodDeclaration, podNamespace: string, live: Live): Record<string, string> {
  const networks = declaration.annotation?.(live) ?? annotationOf(declaration, podNamespace, live);
  return { ...(networks === undefined ? {} : { [NETWORKS_ANNOTATION]: networks }), ...declaration.annotations(live) };
}

/**
 * The text of the networks annotation; undefined where the pod asks for none.
 * @source NPWG multi-network specification v1.3, section 4.1
 */
function annotationOf(declaration: PodDeclaration, podNamespace: string, live: Live): string | undefined {
  if (declaration.attachments.length === 0) return undefined;
  if (declaration.form !== "json") {
    const names = declaration.attachments.map(({ network, interface: ifname }) => {
      const name = shortName(live(network), podNamespace);
      return ifname === undefined ? name : `${name}@${ifname}`;
    });
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
    mac: typeof request.mac === "function" ? request.mac(network) : request.mac,
    ips: request.ips?.(network),
    defaultRoute: request.defaultRoute?.(network),
    further: request.keys?.(network),
  };
}
