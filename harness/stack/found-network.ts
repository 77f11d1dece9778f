import { z } from "zod";

/** A file among the runtime's network configurations. */
export interface ConfFile {
  readonly name: string;
  readonly text: string;
}

/** A network configuration, whichever of the two forms it has. */
export interface FoundNetwork {
  /** `name` of the configuration. */
  readonly name: string;
  readonly cniVersion: string;
  /** What it is called in stacks and deviations: `flannel`, `calico`, `ptp`; the plugin's type where it is none of these. */
  readonly kind: string;
  /** Where it stands: a file, or inside of Multus' own. */
  readonly from: string;
  readonly config: Readonly<Record<string, unknown>>;
}

/** What the configurations of one node say. */
export interface FoundMultus {
  readonly mode: "thick" | "thin";
  /** File of Multus' own configuration. */
  readonly file: string;
  /** The network that Multus hands every pod to; undefined where its configuration names one that is not there. */
  readonly network: FoundNetwork | undefined;
  /** All networks among the files that could be a default one, the delegate included. */
  readonly candidates: readonly FoundNetwork[];
}

const confSchema = z.looseObject({
  name: z.string().optional(),
  type: z.string().optional(),
  cniVersion: z.string().optional(),
  plugins: z.array(z.looseObject({ type: z.string() })).optional(),
});
type Conf = z.output<typeof confSchema>;

const multusSchema = z.looseObject({
  type: z.string(),
  clusterNetwork: z.string().optional(),
  delegates: z.array(confSchema).nullish(),
});

/** The plugin that makes the interface -> the network that it belongs to. */
const KINDS: Readonly<Record<string, string>> = { "cilium-cni": "cilium", "weave-net": "weave" };

/**
 * What the runtime of a node does with every pod: the first file that it can read is the network that it uses.
 * @param files of /etc/cni/net.d, in any order
 * @returns undefined if that network is not Multus
 * @source containerd and CRI-O load the first configuration in lexical order; multus-cni v4.3.0 docs/configuration.md
 */
export function foundMultus(files: readonly ConfFile[]): FoundMultus | undefined {
  const sorted = files.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const confs = sorted.flatMap(({ name, text }) => {
    const conf = confSchema.safeParse(jsonIn(text)).data;
    return conf ? [{ file: name, conf }] : [];
  });
  const [first] = confs;
  const own = first && multusIn(first.conf);
  if (!first || !own) return undefined;
  const networks = confs.slice(1).flatMap(({ file, conf }) => (isNetwork(conf) ? [networkOf(conf, file)] : []));
  return {
    mode: own.type === "multus-shim" ? "thick" : "thin",
    file: first.file,
    network: delegateOf(own, { networks, file: first.file }),
    candidates: networks,
  };
}

type Own = z.output<typeof multusSchema>;

function delegateOf(
  { clusterNetwork, delegates }: Own,
  { networks, file }: { readonly networks: readonly FoundNetwork[]; readonly file: string },
): FoundNetwork | undefined {
  const [delegate] = delegates ?? [];
  if (delegate) return networkOf(delegate, file);
  // Without a name Multus takes the first file beside its own.
  if (clusterNetwork === undefined) return networks[0];
  const named = clusterNetwork.split("/").at(-1);
  return networks.find(({ from, name }) => from === named || name === named);
}

/** Multus as the only plugin, or as one of a list. */
function multusIn(conf: Conf): Own | undefined {
  const plugins = conf.plugins ?? [conf];
  const found = plugins.find(({ type }) => type === "multus" || type === "multus-shim");
  return multusSchema.safeParse(found).data;
}

function networkOf(conf: Conf, from: string): FoundNetwork {
  const type = typesOf(conf)[0] ?? "";
  const { name = "", cniVersion = "" } = conf;
  // kindnet is a conflist of the reference plugin ptp
  const kind = type === "ptp" && name === "kindnet" ? "kindnet" : (KINDS[type] ?? type);
  return { name, cniVersion, kind, from, config: conf };
}

function isNetwork(conf: Conf): boolean {
  const types = typesOf(conf);
  return types.length > 0 && types[0] !== "loopback" && !multusIn(conf);
}

function typesOf({ plugins, type }: Conf): readonly string[] {
  return plugins?.map((plugin) => plugin.type) ?? (type === undefined ? [] : [type]);
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
