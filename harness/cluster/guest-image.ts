import { usageError } from "../core/errors.ts";
import { streamImages } from "../docker/docker-image.ts";
import type { KubeObject } from "../kube/client.ts";
import { dockerTransport } from "../nodes/docker-transport.ts";
import { nodeContainers } from "./docker-objects.ts";

const TIMEOUT_MS = 30_000;

/**
 * Which nodes lack an image of this host's Docker. All of them are containers of this very Docker.
 * @param nodes as the API has them
 * @throws PlumblineError PL_AGENT_IMAGE (usage) if a node is elsewhere
 */
export async function nodesWithout(
  nodes: readonly KubeObject[],
  image: { readonly localRef: string },
): Promise<readonly string[]> {
  const here = await Promise.all(nodes.map(async (node) => ({ name: node.metadata.name, local: await isHere(node) })));
  const elsewhere = here.find(({ local }) => !local);
  if (elsewhere) {
    throw usageError("PL_AGENT_IMAGE", `node ${elsewhere.name} cannot have the image of the agent from this host`, {
      hint: `\`docker tag ${image.localRef} REGISTRY/plumbline-agent:1\`, push it, and name it: cluster.image, or --image`,
    });
  }
  const lacking = await Promise.all(
    here.map(async ({ name }) => ((await hasImage(name, image.localRef)) ? [] : [name])),
  );
  return lacking.flat();
}

/** Brings an image of this host's Docker onto nodes of this host. */
export async function loadOnNodes(
  nodes: readonly string[],
  image: { readonly localRef: string },
  signal: AbortSignal,
): Promise<void> {
  const argv = ["ctr", "--namespace", "k8s.io", "images", "import", "-"];
  await Promise.all(nodes.map((container) => streamImages([image.localRef], { container, argv }, { signal })));
}

/** Takes an image off nodes of this host again. Nothing may run of it any more. */
export async function unloadFromNodes(nodes: readonly string[], ref: string): Promise<void> {
  await Promise.all(
    nodes.map((node) =>
      dockerTransport(node).exec(["crictl", "rmi", ref], { timeoutMs: TIMEOUT_MS, okExitCodes: "any" }),
    ),
  );
}

async function hasImage(node: string, ref: string): Promise<boolean> {
  const argv = ["crictl", "inspecti", "--quiet", ref];
  const { exitCode } = await dockerTransport(node).exec(argv, { timeoutMs: TIMEOUT_MS, okExitCodes: "any" });
  return exitCode === 0;
}

/** A container of that name may be a node of another cluster: the machine id tells, which each node of kind has of its own. */
async function isHere({ metadata: { name }, status }: KubeObject): Promise<boolean> {
  const containers = await nodeContainers().catch(() => []);
  if (!containers.some((container) => container.name === name && container.running)) return false;
  const { machineID = "" } = (status?.["nodeInfo"] ?? {}) as { readonly machineID?: string };
  const argv = ["cat", "/etc/machine-id"];
  const { stdout } = await dockerTransport(name).exec(argv, { timeoutMs: TIMEOUT_MS, okExitCodes: "any" });
  return machineID !== "" && stdout.trim() === machineID;
}
