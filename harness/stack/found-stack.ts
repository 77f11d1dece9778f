import { usageError } from "../core/errors.ts";
import type { KubeClient } from "../kube/client.ts";
import type { NodeTransport } from "../nodes/transport.ts";
import { foundMultus, type ConfFile, type FoundMultus, type FoundNetwork } from "./found-network.ts";
import { CNI_CONF_DIR } from "../nodes/cni-folders.ts";
import { multusWorkload, versionOfImage, workloads, type Workload } from "./found-workloads.ts";

const TIMEOUT_MS = 30_000;

/** Prints `NAME BASE64` for each file. */
const READ_CONFS = `cd "$1" 2>/dev/null || exit 0
for file in *.conf *.conflist *.json; do
  if [ -f "$file" ]; then printf '%s %s\\n' "$file" "$(base64 -w0 "$file")"; fi
done`;

/** Multus and the default network as they are in a cluster that the user has brought. */
export interface FoundParts {
  readonly multus: FoundMultus & { readonly version: string; readonly workload: Workload | undefined };
  readonly network: FoundNetwork & { readonly workload: Workload | undefined };
}

interface Where {
  readonly kube: Pick<KubeClient, "list">;
  /** Nodes that pods are put on. */
  readonly nodes: readonly NodeTransport[];
  /** Name of the default network, where more than one could be it. */
  readonly chosen: string | undefined;
  readonly signal: AbortSignal | undefined;
}

/**
 * Finds Multus and the network that it delegates to, by what the runtimes of the nodes are configured with.
 * @throws PlumblineError (usage) PL_NO_MULTUS, PL_MULTUS_DIFFERS, PL_DEFAULT_NETWORK, PL_TWO_DEFAULT_NETWORKS
 */
export async function findParts({ kube, nodes, chosen, signal }: Where): Promise<FoundParts> {
  const confs = await Promise.all(nodes.map(async (node) => ({ node, files: await confFiles(node, signal) })));
  const found = confs.map(({ node, files }) => ({ node: node.node, files, multus: foundMultus(files) }));
  const all = await workloads(kube, signal);
  const own = multusWorkload(all);
  const lacking = found.find(({ multus }) => multus === undefined);
  if (lacking) throw noMultus(lacking, own);
  const seen = found.flatMap(({ node, multus }) => (multus ? [{ node, multus }] : []));
  const [first] = seen;
  const [node] = nodes;
  if (!first || !node) throw usageError("PL_NO_NODES", "the cluster has no node that takes pods");
  const other = seen.find(({ multus }) => multus.mode !== first.multus.mode);
  if (other) {
    const modes = `${first.multus.mode} on ${first.node} and ${other.multus.mode} on ${other.node}`;
    throw usageError("PL_MULTUS_DIFFERS", `Multus is ${modes}`, { hint: "finish the rollout of one of them" });
  }
  const network = oneNetwork(seen, chosen);
  const version = versionOfImage(own?.images ?? []) ?? (await toldVersion(node, first.multus.mode, signal));
  return {
    multus: { ...first.multus, version, workload: own },
    network: { ...network, workload: all.find((one) => one !== own && belongsTo(one, network)) },
  };
}

/** The network configurations of a node's runtime. */
export async function confFiles(node: NodeTransport, signal: AbortSignal | undefined): Promise<readonly ConfFile[]> {
  const { stdout } = await node.exec(["sh", "-c", READ_CONFS, "sh", CNI_CONF_DIR], { timeoutMs: TIMEOUT_MS, signal });
  return stdout.split("\n").flatMap((line) => {
    const [, name = "", text = ""] = /^(\S+) (\S*)$/.exec(line) ?? [];
    return name === "" ? [] : [{ name, text: Buffer.from(text, "base64").toString("utf8") }];
  });
}

function noMultus(
  { node, files }: { readonly node: string; readonly files: readonly ConfFile[] },
  workload: Workload | undefined,
): Error {
  const first = files.map(({ name }) => name).toSorted()[0];
  const used =
    first === undefined ? `${CNI_CONF_DIR} holds no configuration` : `the runtime uses ${CNI_CONF_DIR}/${first}`;
  const there =
    workload && `; the DaemonSet ${workload.namespace}/${workload.name} is there, and has not written its own`;
  return usageError("PL_NO_MULTUS", `no Multus on node ${node}: ${used}${there ?? ""}`, {
    hint: workload
      ? `kubectl -n ${workload.namespace} logs daemonset/${workload.name}`
      : "install Multus first; a cluster that is the user's own is not changed",
  });
}

interface Seen {
  readonly node: string;
  readonly multus: FoundMultus;
}

function oneNetwork(seen: readonly Seen[], chosen: string | undefined): FoundNetwork {
  const delegates = seen.map(({ node, multus: { network, file } }) => {
    if (network) return { node, network };
    throw usageError(
      "PL_DEFAULT_NETWORK",
      `on node ${node} ${CNI_CONF_DIR}/${file} names a network that is not there`,
      {
        hint: "restart Multus on that node, so that it looks for the default network again",
      },
    );
  });
  const names = new Map(delegates.map(({ node, network }) => [network.name, node]));
  if (names.size > 1) {
    const each = [...names].map(([name, node]) => `${name} on ${node}`).join(", ");
    throw usageError("PL_TWO_DEFAULT_NETWORKS", `the nodes have different default networks: ${each}`, {
      hint: "remove the configuration of the one that is not meant, and restart Multus there",
    });
  }
  const [first] = delegates;
  if (!first) throw usageError("PL_NO_NODES", "the cluster has no node that takes pods");
  const { network } = first;
  if (chosen !== undefined && chosen !== network.name) {
    throw usageError("PL_DEFAULT_NETWORK", `the default network is ${network.name}, and not ${chosen}`, {
      hint: `cluster.defaultNetwork names what ${CNI_CONF_DIR}/${first.network.from} has as its name`,
    });
  }
  const crowded = seen.find(({ multus }) => multus.candidates.length > 1);
  if (crowded && chosen === undefined) {
    const files = crowded.multus.candidates.map(({ name, from }) => `${name} (${from})`).join(" and ");
    throw usageError("PL_TWO_DEFAULT_NETWORKS", `node ${crowded.node} has two default networks: ${files}`, {
      hint: `remove the one that is not meant, or say that Multus' choice is right: cluster.defaultNetwork: ${network.name}`,
    });
  }
  return network;
}

/** What the program on the node says of itself. */
async function toldVersion(node: NodeTransport, mode: "thick" | "thin", signal?: AbortSignal): Promise<string> {
  const argv = [`/opt/cni/bin/${mode === "thick" ? "multus-shim" : "multus"}`, "--version"];
  const { stdout, stderr } = await node.exec(argv, { timeoutMs: TIMEOUT_MS, signal, okExitCodes: "any" });
  return /version:\s?(v\d[^\s(,]*)/.exec(stdout + stderr)?.[1] ?? "";
}

function belongsTo({ name, images }: Workload, { kind }: FoundNetwork): boolean {
  return kind !== "" && [name, ...images].some((text) => text.includes(kind));
}
