import { canonicalJson, sha256 } from "../core/json.ts";
import type { Subject } from "../core/subject.ts";
import type { KubeClient } from "../kube/client.ts";
import type { NodeTransport } from "../nodes/transport.ts";
import type { FoundParts } from "./found-stack.ts";
import { CNI_BIN_DIR } from "../nodes/cni-folders.ts";
import { ociRuntime } from "./oci-runtime.ts";
import { digestOf, versionOfImage, type Workload } from "./found-workloads.ts";

const FOUND = "found in the cluster";
const PROGRAMS = ["kubelet", "containerd"] as const;

interface Where {
  readonly kube: Pick<KubeClient, "list">;
  readonly nodes: readonly NodeTransport[];
  readonly signal: AbortSignal | undefined;
}

/** What a cluster of the user's is made of: versions and digests as they were found, and nothing of where they are from. */
export async function foundSubjects(parts: FoundParts, where: Where): Promise<readonly Subject[]> {
  const [programs, multus, network, plugins] = await Promise.all([
    nodePrograms(where),
    workloadSubject("multus", parts.multus, where),
    networkSubject(parts.network, where),
    referencePlugins(where),
  ]);
  return [...programs, multus, network, plugins];
}

async function workloadSubject(
  name: string,
  { version, workload }: { readonly version: string; readonly workload: Workload | undefined },
  { kube, signal }: Where,
): Promise<Subject> {
  const image = workload?.images[0];
  const source = image === undefined ? FOUND : `${FOUND}: ${image}`;
  return found(name, { version, source, digest: workload ? await digestOf(kube, workload, signal) : "" });
}

/** By its DaemonSet, or by its configuration where it has none. */
async function networkSubject(network: FoundParts["network"], where: Where): Promise<Subject> {
  const { workload, kind, from, config, cniVersion } = network;
  if (workload) {
    return workloadSubject(kind, { version: versionOfImage(workload.images) ?? cniVersion, workload }, where);
  }
  // a node's own range is no part of what the network is
  const digest = `sha256:${sha256(canonicalJson(config))}`;
  return found(kind, { version: cniVersion, source: `${FOUND}: ${from}`, digest });
}

async function nodePrograms({ kube, nodes, signal }: Where): Promise<readonly Subject[]> {
  const [objects, digests, starter] = await Promise.all([
    kube.list({ apiVersion: "v1", kind: "Node" }, { signal }),
    digestsOf(nodes[0], PROGRAMS, signal),
    ociRuntime(nodes[0], signal),
  ]);
  const info = (objects[0]?.status?.["nodeInfo"] ?? {}) as Readonly<Record<string, string | undefined>>;
  const [, runtime = "runtime", version = ""] =
    /^([^:]+):\/\/v?(.*)$/.exec(info["containerRuntimeVersion"] ?? "") ?? [];
  return [
    found("kubernetes", { version: info["kubeletVersion"] ?? "", digest: digests.get("kubelet") ?? "" }),
    found(runtime, { version: `v${version}`, digest: digests.get(runtime) ?? "" }),
    ...(starter ? [found(starter.name, starter)] : []),
  ];
}

/** They are told of together by the one that stands for all, as in stacks. */
async function referencePlugins({ nodes, signal }: Where): Promise<Subject> {
  const witness = `${CNI_BIN_DIR}/bridge`;
  const [digests, said] = await Promise.all([
    digestsOf(nodes[0], [witness], signal),
    nodes[0]?.exec([witness], { timeoutMs: 15_000, signal, okExitCodes: "any" }),
  ]);
  const version = /CNI bridge plugin (v\d\S*)/.exec(`${said?.stdout}${said?.stderr}`)?.[1] ?? "";
  return found("reference-plugins", { version, source: `${FOUND}: ${witness}`, digest: digests.get("bridge") ?? "" });
}

/** The plugin that moves VFs in the cluster. */
export async function foundVfPlugin(plugin: string, { nodes, signal }: Omit<Where, "kube">): Promise<Subject> {
  const file = `/opt/cni/bin/${plugin}`;
  const [digests, said] = await Promise.all([
    digestsOf(nodes[0], [file], signal),
    nodes[0]?.exec([file, "--version"], { timeoutMs: 15_000, signal, okExitCodes: "any" }),
  ]);
  const version = /\bv\d+\.\d+\.\d+[^\s,]*/.exec(`${said?.stdout}${said?.stderr}`)?.[0] ?? "";
  return found(plugin, { version, source: `${FOUND}: ${file}`, digest: digests.get(plugin) ?? "" });
}

async function digestsOf(
  node: NodeTransport | undefined,
  programs: readonly string[],
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<string, string>> {
  const script = 'for p in "$@"; do f=$(command -v "$p") && sha256sum "$f"; done; true';
  const finished = await node?.exec(["sh", "-c", script, "sh", ...programs], { timeoutMs: 30_000, signal });
  const lines = (finished?.stdout ?? "").split("\n").flatMap((line) => {
    const [, digest, file] = /^([0-9a-f]{64})\s+\S*?([^/\s]+)$/.exec(line) ?? [];
    return digest === undefined || file === undefined ? [] : [[file, `sha256:${digest}`] as const];
  });
  return new Map(lines);
}

function found(
  name: string,
  told: { readonly version: string; readonly source?: string; readonly digest: string },
): Subject {
  return { name, origin: "found", changes: [], source: FOUND, ...told };
}
