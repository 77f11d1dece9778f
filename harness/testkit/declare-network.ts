import type { SubjectPlugin } from "../config/plugin-under-test.ts";
import type { VfSite } from "./vf-site.ts";

/** Tells Multus whose devices the plugins of a network want. @source multus-cni docs/how-to-use.md */
export const RESOURCE_NAME = "k8s.v1.cni.cncf.io/resourceName";

/** IPAM plugins that the network templates know. */
export type Ipam = "host-local" | "static" | "whereabouts";

/** A capability that the plugin under test must declare to be asked. */
export type AskedCapability = "ips" | "mac";

/** A CNI configuration list as a network template gives it; `name` is Multus' to fill in. */
export interface ListConfig {
  readonly cniVersion: string;
  readonly plugins: readonly Readonly<Record<string, unknown>>[];
}

/** What a network's definition holds: JSON, or a string that stands as it is. */
export type NetworkConfig = unknown;

/**
 * Where a network lies: in the namespace of the pods, in another one, or in one of its own suite that a case may delete,
 * with all that is in it.
 */
export type NetworkNamespace = "own" | "other" | "brief";

/** A secondary network that a suite needs: a NetworkAttachmentDefinition of its own in each lane. */
export interface NetworkDeclaration {
  /** Short name, unique in its suite; begins the name of the object in the cluster. */
  readonly key: string;
  /** A file of fixtures/networks; undefined where the suite writes the whole configuration. */
  readonly type: string | undefined;
  readonly ipam: Ipam;
  readonly namespace: NetworkNamespace;
  /** Makes the configuration, from the template's where there is one. */
  readonly config: ((live: LiveNetwork, rendered: ListConfig | undefined) => NetworkConfig) | undefined;
  /** Annotations of the definition. */
  readonly annotations: Readonly<Record<string, string>>;
  /** Whether the batch makes the definition, or the case when it wants it. */
  readonly madeBy: "batch" | "case";
  /** The definition has no `spec.config` at all. */
  readonly withoutConfig: boolean;
  /** Its pods are on the link of VFs, whose ranges are the user's to say where the VFs are. */
  readonly onVfs: boolean;
  /** Where there is a plugin under test, its network takes the place of this one. */
  readonly forSubject: { readonly capability?: AskedCapability } | undefined;
}

/** A declared network as it is in the cluster. */
export interface LiveNetwork {
  readonly declaration: NetworkDeclaration;
  /** Name and namespace of the NetworkAttachmentDefinition; the name is also the CNI network name. */
  readonly name: string;
  readonly namespace: string;
  /** The IPv4 range in CIDR notation. Addresses from .128 on are never handed out by itself: requests may use them. */
  readonly range: string;
  readonly gateway: string;
  /** The IPv6 range in CIDR notation; templates do not use it by themselves. */
  readonly range6: string;
  readonly gateway6: string;
  /** The address that a static network gives. */
  readonly staticAddress: string;
  /** Name of the bridge that is this network's own. */
  readonly bridge: string;
  /** The nodes' interface to each other. */
  readonly master: string;
  /** The plugin under test, if there is one. */
  readonly subject: SubjectPlugin | undefined;
  /** VFs of real NICs in the place of simulated ones, if the testbed has such. */
  readonly vfSite: VfSite | undefined;
  /** Type of the published plugin that stands in the place of plumbline-sriov, where one does (S2). */
  readonly vfMover: string | undefined;
  /** A host port, a VLAN and a MAC address that nothing else of the run uses; the same at each reading. */
  readonly hostPort: number;
  readonly vlanId: number;
  readonly mac: string;
  /** The n-th address of the range, without prefix length. */
  address(n: number): string;
  address6(n: number): string;
}

interface NetworkPlace {
  readonly namespace?: NetworkNamespace;
  readonly annotations?: Readonly<Record<string, string>>;
  /** The case makes the definition itself, when it wants it. */
  readonly byCase?: boolean;
  /** Pods get an interface on the link of VFs. */
  readonly onVfs?: boolean;
}

/**
 * A network of a type that comes with the package.
 * @param options.edit changes the configuration list that the template gives
 * @param options.forSubject the cases rely on nothing that only this type has: the network of a plugin under test takes its
 *   place, if it declares the capability that is named
 */
export function network(
  key: string,
  options: NetworkPlace & {
    readonly type: string;
    readonly ipam: Ipam;
    /** The pool whose devices it moves, in place of its template's. */
    readonly resource?: string;
    readonly edit?: (list: ListConfig, live: LiveNetwork) => NetworkConfig;
    readonly forSubject?: boolean | AskedCapability;
  },
): NetworkDeclaration {
  const { type, ipam, resource, edit, forSubject = false } = options;
  const config =
    edit && ((live: LiveNetwork, rendered: ListConfig | undefined) => (rendered ? edit(rendered, live) : undefined));
  const asked = forSubject === true ? {} : forSubject === false ? undefined : { capability: forSubject };
  const { annotations, ...place } = placed(key, options);
  const named = resource === undefined ? annotations : { [RESOURCE_NAME]: resource, ...annotations };
  return { ...place, annotations: named, type, ipam, config, withoutConfig: false, forSubject: asked };
}

/** A network whose configuration the suite writes itself. Where the kernel must be able to do something, the case says so. */
export function customNetwork(
  key: string,
  config: (live: LiveNetwork) => NetworkConfig,
  options: NetworkPlace = {},
): NetworkDeclaration {
  return {
    ...placed(key, options),
    type: undefined,
    ipam: "static",
    config,
    withoutConfig: false,
    forSubject: undefined,
  };
}

/** A definition without a configuration: Multus looks for one on the node's disk. */
export function emptyNetwork(key: string, options: NetworkPlace = {}): NetworkDeclaration {
  return {
    ...placed(key, options),
    type: undefined,
    ipam: "static",
    config: undefined,
    withoutConfig: true,
    forSubject: undefined,
  };
}

function placed(key: string, { namespace = "own", annotations = {}, byCase = false, onVfs = false }: NetworkPlace) {
  return { key, namespace, annotations, madeBy: byCase ? "case" : "batch", onVfs } as const;
}
