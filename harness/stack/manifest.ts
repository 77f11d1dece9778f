import { parseAllDocuments } from "yaml";
import { harnessError } from "../core/errors.ts";
import type { KubeObject } from "../kube/client.ts";
import type { NodeTransport } from "../nodes/transport.ts";

/** Where the node image keeps upstream's manifests, unchanged. */
const FOLDER = "/opt/plumbline/manifests";

/** Reads one of upstream's manifests from a node. @throws PlumblineError PL_MANIFEST, PL_NODE_EXEC */
export async function readManifest(
  node: NodeTransport,
  file: string,
  signal: AbortSignal | undefined,
): Promise<readonly KubeObject[]> {
  const { stdout } = await node.exec(["cat", `${FOLDER}/${file}`], { timeoutMs: 15_000, signal });
  return parseManifest(stdout, file);
}

/** The objects of a manifest. YAML 1.1, as kubectl reads it: `0644` is octal there. */
export function parseManifest(text: string, file: string): readonly KubeObject[] {
  const documents = parseAllDocuments(text, { version: "1.1" });
  if ("empty" in documents) return [];
  return documents.flatMap((document) => {
    const [error] = document.errors;
    if (error) throw harnessError("PL_MANIFEST", `${file} is no YAML: ${error.message}`, { cause: error });
    const value: unknown = document.toJS();
    if (value === null) return [];
    if (!isObject(value)) throw harnessError("PL_MANIFEST", `${file} holds something that is no Kubernetes object`);
    return [value];
  });
}

function isObject(value: unknown): value is KubeObject {
  const object = value as { apiVersion?: unknown; kind?: unknown; metadata?: { name?: unknown } } | undefined;
  return (
    typeof object === "object" &&
    typeof object.apiVersion === "string" &&
    typeof object.kind === "string" &&
    typeof object.metadata?.name === "string"
  );
}
