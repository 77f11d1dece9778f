import type { PluginUnderTest } from "../config/plugin-under-test.ts";
import { messageOf, usageError } from "../core/errors.ts";
import type { KubeClient, KubeObject } from "../kube/client.ts";
import type { NodeTransport } from "../nodes/transport.ts";

type Needs = Pick<PluginUnderTest, "name" | "files" | "objects">;

interface Where {
  readonly kube: Pick<KubeClient, "apply" | "get">;
  readonly nodes: readonly NodeTransport[];
  readonly signal: AbortSignal;
}

const TIMEOUT_MS = 15_000;

/**
 * Makes what the plugin under test needs besides itself. It stays with the cluster, as the plugin does.
 * @throws PlumblineError PL_PLUGIN_OBJECT (usage)
 */
export async function makeNeeds(needs: Needs, { kube, nodes, signal }: Where): Promise<void> {
  for (const object of needs.objects) {
    await kube.apply([object as KubeObject], { signal }).catch((error: unknown) => {
      signal.throwIfAborted();
      throw usageError(
        "PL_PLUGIN_OBJECT",
        `the ${textOf(object)} that ${needs.name} needs cannot be made: ${messageOf(error)}`,
        { cause: error, hint: "look at plugin.objects in plumbline.yaml" },
      );
    });
  }
  await Promise.all(nodes.map((node) => writeFiles(node, needs.files, signal)));
}

async function writeFiles(node: NodeTransport, files: Needs["files"], signal: AbortSignal): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await node.exec(["sh", "-euc", 'mkdir -p "$(dirname "$1")"', "sh", path], { timeoutMs: TIMEOUT_MS, signal });
    await node.writeFile(path, text, 0o600);
  }
}

/**
 * Looks for what the plugin under test needs in a cluster of the user's, which is not changed: it might be theirs already,
 * and other than here.
 * @throws PlumblineError PL_PLUGIN_NEEDS (usage) with all that is not there
 */
export async function requireNeeds({ name, files, objects }: Needs, { kube, nodes, signal }: Where): Promise<void> {
  const lacking = await Promise.all([
    ...objects.map(async (object) => {
      const { apiVersion, kind, metadata } = object as KubeObject;
      const found = await kube.get(
        { apiVersion, kind, namespace: metadata.namespace, name: metadata.name },
        { signal },
      );
      return found === undefined ? `the ${textOf(object)}` : undefined;
    }),
    ...nodes.flatMap((node) =>
      Object.keys(files).map(async (path) => {
        const looked = await node.exec(["test", "-e", path], { timeoutMs: TIMEOUT_MS, okExitCodes: [0, 1], signal });
        return looked.exitCode === 0 ? undefined : `${path} on node ${node.node}`;
      }),
    ),
  ]);
  const missing = lacking.filter((one) => one !== undefined);
  if (missing.length === 0) return;
  throw usageError("PL_PLUGIN_NEEDS", `${name} needs what is not in the cluster: ${missing.join(", ")}`, {
    hint: "a cluster that is the user's own is not changed: install there what plugin.files and plugin.objects name, as you would for pods of yours",
    context: { missing },
  });
}

function textOf({ kind, metadata }: Needs["objects"][number]): string {
  return `${kind} ${metadata.name}`;
}
