import { usageError } from "../core/errors.ts";
import type { KubeClient } from "../kube/client.ts";
import type { AgentPod } from "./agent-transport.ts";
import { ARRIVE_SCRIPT, BRING_SCRIPT, COMPARE_SCRIPT, LEAVE_SCRIPT } from "./guest-visit-script.ts";
import { removePlugins } from "./place-plugin.ts";
import { CNI_BIN_DIR } from "./cni-folders.ts";
import { placeScriptedPlugin } from "./plugin-calls.ts";
import type { NodeTransport } from "./transport.ts";

const TIMEOUT_MS = 60_000;
const OURS = "/opt/plumbline";
const PROGRAMS = `${OURS}/bin`;
const LEASES = "/var/lib/cni/networks";
/** What the looks at a node call. */
const TOOLS = ["sh", "ip", "crictl", "sha256sum", "install", "mktemp", "head"];

type Exec = Pick<KubeClient, "exec">;

interface Visited {
  readonly node: NodeTransport;
  readonly pod: AgentPod;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Brings our programs and the scripted plugin onto a node that is not ours, and notes there what was there before. Done
 * twice, it changes nothing.
 * @throws PlumblineError (usage) PL_NODE_TOOLS, PL_NODE_OCCUPIED
 */
export async function arriveOn(kube: Exec, { node, pod, signal }: Visited): Promise<void> {
  await requireTools(node, signal);
  const { stdout } = await node.exec(["sh", "-c", ARRIVE_SCRIPT, "sh", OURS, CNI_BIN_DIR, LEASES], {
    timeoutMs: TIMEOUT_MS,
    signal,
  });
  const inAgent = async (script: string, ...args: readonly string[]): Promise<string> => {
    const argv = ["sh", "-c", script, "sh", ...args];
    const request = { ...pod, argv, timeoutMs: TIMEOUT_MS, okExitCodes: [0], signal };
    return (await kube.exec(request)).stdout.trim();
  };
  if (stdout.trim() !== "occupied") await inAgent(BRING_SCRIPT, PROGRAMS, PROGRAMS, `${OURS}/visit`);
  const other = await inAgent(COMPARE_SCRIPT, PROGRAMS, PROGRAMS);
  if (other !== "") {
    throw usageError("PL_NODE_OCCUPIED", `${PROGRAMS} on node ${node.node} is of another version: ${other}`, {
      hint: `\`plumbline gc --kubeconfig FILE\`; if it stays, remove ${OURS} on the node`,
    });
  }
  await placeScriptedPlugin(node);
}

async function requireTools(node: NodeTransport, signal: AbortSignal | undefined): Promise<void> {
  const script = 'for tool in "$@"; do command -v "$tool" > /dev/null || echo "$tool"; done';
  const { stdout } = await node.exec(["sh", "-c", script, "sh", ...TOOLS], { timeoutMs: TIMEOUT_MS, signal });
  const missing = stdout.split("\n").filter((tool) => tool !== "");
  if (missing.length === 0) return;
  throw usageError("PL_NODE_TOOLS", `node ${node.node} lacks ${missing.join(", ")}`, {
    hint: "install them on the nodes; what is looked at there is looked at with the node's own tools",
  });
}

/**
 * Undoes what a visit has changed on a node: wrappers before plugins, plugins under test, the scripted plugin, links and
 * namespaces of ours, logs, programs. Nothing of ours may run there any more.
 * @returns what could not be undone, one line each
 */
export async function leave(node: NodeTransport): Promise<readonly string[]> {
  await removePlugins(node);
  const argv = ["sh", "-c", LEAVE_SCRIPT, "sh", OURS, CNI_BIN_DIR, LEASES, ""];
  const { stdout } = await node.exec(argv, { timeoutMs: TIMEOUT_MS });
  return stdout.split("\n").filter((line) => line !== "");
}

/** How many sandboxes of these namespaces the runtime of a node still knows. */
export async function sandboxesOf(node: NodeTransport, namespaces: readonly string[]): Promise<number> {
  const { stdout } = await node.exec(["crictl", "pods", "--output", "json"], { timeoutMs: TIMEOUT_MS });
  const { items = [] } = JSON.parse(stdout) as { items?: readonly { metadata?: { namespace?: string } }[] };
  const wanted = new Set(namespaces);
  return items.filter(({ metadata }) => wanted.has(metadata?.namespace ?? "")).length;
}
