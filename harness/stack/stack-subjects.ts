import type { Subject } from "../core/subject.ts";
import type { KubeObject } from "../kube/client.ts";
import type { StackContext } from "./component.ts";
import { nodeContents } from "./node-contents.ts";
import { ociRuntime } from "./oci-runtime.ts";
import type { Stack } from "./stack.ts";

/** What the nodes themselves are made of, with the binary whose digest is told. */
const NODE_PROGRAMS = [
  { name: "kubernetes", binary: "kubelet" },
  { name: "containerd", binary: "containerd" },
] as const;

/**
 * What is under test and what it stands on, read back from the cluster: versions as the programs tell them, digests of
 * what really runs. Where it came from is what the node image says of itself.
 */
export async function stackSubjects(stack: Stack, context: StackContext): Promise<readonly Subject[]> {
  const [programs, components, own] = await Promise.all([
    nodePrograms(context),
    Promise.all(stack.components.map((component) => component.subjects(context))),
    nodeContents(context, ["plumbline-programs"]),
  ]);
  return [...programs, ...components.flat(), ...own];
}

async function nodePrograms(context: StackContext): Promise<Subject[]> {
  const [contents, versions, digests, runtime] = await Promise.all([
    nodeContents(context),
    reportedVersions(context),
    programDigests(context),
    ociRuntime(context.nodes[0], context.signal),
  ]);
  const source = context.cluster.spec.nodeImage.ref;
  const starter = runtime && ({ ...runtime, origin: "upstream", source, changes: [] } as const);
  const programs = NODE_PROGRAMS.map(({ name, binary }): Subject => {
    const known = contents.find((subject) => subject.name === name);
    return {
      name,
      version: versions[name] ?? known?.version ?? "",
      origin: known?.origin ?? "upstream",
      source: known?.source ?? source,
      digest: digests.get(binary) ?? "",
      changes: [...(known?.changes ?? []), ...(name === "kubernetes" ? context.cluster.adaptations : [])],
    };
  });
  return starter ? [...programs, starter] : programs;
}

async function reportedVersions(context: StackContext): Promise<Readonly<Record<string, string>>> {
  const [node] = await context.kube.list({ apiVersion: "v1", kind: "Node" }, { signal: context.signal });
  const info = nodeInfo(node);
  return {
    kubernetes: info["kubeletVersion"] ?? "",
    containerd: (info["containerRuntimeVersion"] ?? "").replace(/^containerd:\/\/v?/, "v"),
  };
}

function nodeInfo(node: KubeObject | undefined): Readonly<Record<string, string | undefined>> {
  const info: unknown = node?.status?.["nodeInfo"];
  return typeof info === "object" && info !== null ? (info as Readonly<Record<string, string>>) : {};
}

async function programDigests({ nodes, signal }: StackContext): Promise<ReadonlyMap<string, string>> {
  const script = `for p in ${NODE_PROGRAMS.map(({ binary }) => binary).join(" ")}; do sha256sum "$(command -v $p)"; done`;
  const finished = await nodes[0]?.exec(["sh", "-c", script], { timeoutMs: 30_000, signal });
  const lines = (finished?.stdout ?? "").split("\n").flatMap((line) => {
    const [, digest, file] = /^([0-9a-f]{64})\s+\S*?([^/\s]+)$/.exec(line) ?? [];
    return digest === undefined || file === undefined ? [] : [[file, `sha256:${digest}`] as const];
  });
  return new Map(lines);
}
