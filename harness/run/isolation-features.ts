import { z } from "zod";
import { KubeApiError, type KubeClient } from "../kube/client.ts";
import { multusConfig } from "../cluster/restore-multus.ts";
import type { NodeTransport } from "../nodes/transport.ts";
import { CNI_CONF_DIR } from "../nodes/cni-folders.ts";
import type { Feature } from "./detect-features.ts";

const FILE = `${CNI_CONF_DIR}/00-multus.conf`;
const DAEMON_FILE = "daemon-config.json";
const KEY = "namespaceIsolation";
const TIMEOUT_MS = 20_000;

/**
 * Whether pods may name networks of other namespaces, by the configuration that Multus has on each node and, where it has
 * a daemon, by the daemon's: its keys win. A cluster whose nodes differ has neither feature.
 * @param nodes those that pods are put on
 * @param file on the nodes, as the runtime reads it
 */
export async function isolationFeatures(
  kube: Pick<KubeClient, "get">,
  nodes: readonly NodeTransport[],
  { file = FILE, signal }: { readonly file?: string; readonly signal?: AbortSignal | undefined } = {},
): Promise<readonly Feature[]> {
  const daemon = isolationIn(await daemonText(kube));
  const seen = await Promise.all(
    nodes.map(async (node) => {
      const { stdout } = await node.exec(["cat", file], { timeoutMs: TIMEOUT_MS, signal, okExitCodes: "any" });
      const own = isolationIn(stdout) ?? false;
      return daemon === undefined
        ? { isolated: own, evidence: `${KEY} is ${own} in ${file} on ${node.node}` }
        : { isolated: daemon, evidence: `${KEY} is ${daemon} in the daemon's configuration` };
    }),
  );
  const feature = (name: string, wanted: boolean): Feature => {
    const other = seen.find(({ isolated }) => isolated !== wanted);
    const evidence = (other ?? seen[0])?.evidence ?? "no node takes pods";
    return { name, present: seen.length > 0 && other === undefined, evidence };
  };
  return [feature("namespace-isolation", true), feature("other-namespaces", false)];
}

/** Undefined where there is none, or none that the user may read: the nodes' files tell then. */
async function daemonText(kube: Pick<KubeClient, "get">): Promise<string | undefined> {
  const data = await multusConfig(kube).catch((error: unknown) => {
    if (error instanceof KubeApiError && error.status === 403) return undefined;
    throw error;
  });
  const text = data?.[DAEMON_FILE];
  return typeof text === "string" ? text : undefined;
}

/** Of Multus alone, or in a list of plugins. */
const Configuration = z.looseObject({ [KEY]: z.boolean().optional(), plugins: z.array(z.looseObject({})).optional() });

/** Undefined where the text says nothing of it. */
function isolationIn(text: string | undefined): boolean | undefined {
  try {
    const config = Configuration.parse(JSON.parse(text ?? ""));
    const values = [config, ...(config.plugins ?? [])].map((one) => one[KEY]);
    return values.find((value) => typeof value === "boolean");
  } catch {
    return undefined; // no configuration, or none in JSON: nothing can be said by it
  }
}
