import { z } from "zod";
import { multusConfig } from "../cluster/restore-multus.ts";
import { KubeApiError, type KubeClient } from "../kube/client.ts";
import { CNI_CONF_DIR } from "../nodes/cni-folders.ts";
import type { NodeTransport } from "../nodes/transport.ts";
import { DEFAULT_NETWORKS, PODS_AS_ASKED } from "../testkit/site-needs.ts";
import type { Feature } from "./detect-features.ts";

const FILE = `${CNI_CONF_DIR}/00-multus.conf`;
const DAEMON_FILE = "daemon-config.json";
const TIMEOUT_MS = 20_000;

/**
 * What follows for pods from the configuration that Multus has on each node and, where it has a daemon, from the
 * daemon's, whose keys win: whether they may name networks of other namespaces, and whether they get networks that
 * they did not ask for. Where nodes differ, a cluster has neither of two opposite features.
 * @param nodes those that pods are put on
 * @param file on the nodes, as the runtime reads it
 * @source multus-cni v4.3.0, docs/configuration.md
 */
export async function multusFeatures(
  kube: Pick<KubeClient, "get">,
  nodes: readonly NodeTransport[],
  { file = FILE, signal }: { readonly file?: string; readonly signal?: AbortSignal | undefined } = {},
): Promise<readonly Feature[]> {
  const daemon = keysIn(await daemonText(kube));
  const seen = await Promise.all(
    nodes.map(async (node) => {
      const { stdout } = await node.exec(["cat", file], { timeoutMs: TIMEOUT_MS, signal, okExitCodes: "any" });
      return { keys: keysIn(stdout), place: `${file} on ${node.node}` };
    }),
  );
  const told = (key: keyof MultusKeys, tell: (keys: MultusKeys, place: string) => Told): readonly Told[] =>
    seen.map(({ keys, place }) =>
      daemon[key] === undefined ? tell(keys, place) : tell(daemon, "the daemon's configuration"),
    );
  const isolation = told("namespaceIsolation", ({ namespaceIsolation = false }, place) => ({
    holds: namespaceIsolation,
    evidence: `namespaceIsolation is ${namespaceIsolation} in ${place}`,
  }));
  const networks = told("defaultNetworks", ({ defaultNetworks = [] }, place) => ({
    holds: defaultNetworks.length > 0,
    evidence:
      defaultNetworks.length > 0
        ? `Multus gives every pod ${defaultNetworks.join(" and ")}: defaultNetworks in ${place}`
        : `defaultNetworks is empty in ${place}`,
  }));
  return [
    feature("namespace-isolation", isolation, true),
    feature("other-namespaces", isolation, false),
    feature(DEFAULT_NETWORKS, networks, true),
    feature(PODS_AS_ASKED, networks, false),
  ];
}

interface Told {
  readonly holds: boolean;
  readonly evidence: string;
}

function feature(name: string, told: readonly Told[], wanted: boolean): Feature {
  const other = told.find(({ holds }) => holds !== wanted);
  const evidence = (other ?? told[0])?.evidence ?? "no node takes pods";
  return { name, present: told.length > 0 && other === undefined, evidence };
}

/** Undefined where there is none, or none that the user may read: the nodes' files tell then. */
async function daemonText(kube: Pick<KubeClient, "get">): Promise<string | undefined> {
  const data = await multusConfig(kube).catch((error: unknown) => {
    if (error instanceof KubeApiError && error.status === 403) return undefined;
    throw error;
  });
  const told = data?.[DAEMON_FILE];
  return typeof told === "string" ? told : undefined;
}

const Keys = z.looseObject({
  namespaceIsolation: z.boolean().optional().catch(undefined),
  defaultNetworks: z.array(z.string()).readonly().optional().catch(undefined),
});
/** Of Multus alone, or in a list of plugins. */
const Configuration = Keys.extend({ plugins: z.array(Keys).optional().catch(undefined) });

type MultusKeys = Pick<z.output<typeof Keys>, "namespaceIsolation" | "defaultNetworks">;

/** Nothing of what the text does not say. */
function keysIn(json: string | undefined): MultusKeys {
  try {
    const { plugins = [], ...alone } = Configuration.parse(JSON.parse(json ?? ""));
    const all = [alone, ...plugins];
    return {
      namespaceIsolation: all.find((one) => one.namespaceIsolation !== undefined)?.namespaceIsolation,
      defaultNetworks: all.find((one) => one.defaultNetworks !== undefined)?.defaultNetworks,
    };
  } catch {
    return {}; // no configuration, or none in JSON: nothing can be said by it
  }
}
