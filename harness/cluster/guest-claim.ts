import { hostname } from "node:os";
import { z } from "zod";
import { usageError } from "../core/errors.ts";
import { KubeApiError, type KubeClient, type KubeObject } from "../kube/client.ts";
import { isAlive, ownIdentity, ProcessIdentity } from "./process-identity.ts";

/** Where the agent lives, and the mark that somebody of ours works with the cluster. */
export const GUEST_NAMESPACE = "plumbline-agent";
/** On everything of ours in a cluster. */
export const MANAGED_BY = { "app.kubernetes.io/managed-by": "plumbline" } as const;
export const MANAGED_SELECTOR = "app.kubernetes.io/managed-by=plumbline";

const HOLDER = "plumbline.dev/holder";
const HOST = "plumbline.dev/host";
const RUN = "plumbline.dev/run";
const LOADED = "plumbline.dev/loaded-image";
const LOADED_ON = "plumbline.dev/loaded-on";
const VISITED = "plumbline.dev/visited";
const MULTUS = "plumbline.dev/multus-config";
const NAMESPACE = { apiVersion: "v1", kind: "Namespace", name: GUEST_NAMESPACE } as const;

/** Who works with a cluster that is not ours, or did last. */
export interface GuestClaim {
  readonly runId: string;
  readonly host: string;
  /** Undefined where the mark cannot be read. */
  readonly holder: ProcessIdentity | undefined;
  /** A run of this host: whether it lives is known. */
  readonly isHere: boolean;
  /** Why it must be left alone. */
  readonly heldBy: string | undefined;
  /** Something of ours may lie on the nodes. */
  readonly visited: boolean;
  /** ISO 8601. */
  readonly since: string;
  /** What Multus' daemon was configured with before cases that disturb; undefined where none were allowed. */
  readonly multusConfig: Readonly<Record<string, unknown>> | undefined;
  /** An image that was brought onto nodes of this host. */
  readonly loaded: { readonly ref: string; readonly nodes: readonly string[] } | undefined;
}

/** The claim on a cluster, by the namespace of the agent. @returns undefined if there is none */
export async function readGuestClaim(kube: Pick<KubeClient, "get">): Promise<GuestClaim | undefined> {
  const found = await kube.get(NAMESPACE);
  return found && claimIn(found);
}

/** The claim as the annotations of the namespace tell it. */
export function claimIn({ metadata }: KubeObject): GuestClaim {
  const told = metadata.annotations ?? {};
  const holder = ProcessIdentity.safeParse(parsed(told[HOLDER])).data;
  const host = told[HOST] ?? "";
  const here = host === hostname();
  const alive = holder !== undefined && here && isAlive(holder);
  const ref = told[LOADED];
  return {
    loaded: ref === undefined ? undefined : { ref, nodes: (told[LOADED_ON] ?? "").split(",").filter(Boolean) },
    visited: VISITED in told,
    since: metadata.creationTimestamp ?? "",
    multusConfig: z.record(z.string(), z.unknown()).safeParse(parsed(told[MULTUS])).data,
    runId: told[RUN] ?? metadata.labels?.[RUN] ?? "",
    host,
    holder,
    isHere: here,
    heldBy: alive
      ? `process ${holder.pid} works with it`
      : here || host === ""
        ? undefined
        : `a run on ${host} made it`,
  };
}

/**
 * Claims a cluster by making the namespace of the agent, which only one can make.
 * @throws PlumblineError PL_CLUSTER_IN_USE (usage) if it is there
 */
export async function makeGuestClaim(kube: Pick<KubeClient, "raw" | "get">, runId: string): Promise<void> {
  try {
    await kube.raw("POST", "/api/v1/namespaces", namespaceOf(runId));
  } catch (error) {
    if (!(error instanceof KubeApiError) || error.status !== 409) throw error;
    const claim = await readGuestClaim(kube);
    const who = claim?.heldBy ?? "what an earlier run left is still going";
    throw usageError("PL_CLUSTER_IN_USE", `the namespace ${GUEST_NAMESPACE} is there already: ${who}`, {
      hint: "wait for it; `plumbline gc --kubeconfig FILE` removes what a killed run left",
      cause: error,
    });
  }
}

/** Notes what is put back if the run is killed. */
export async function noteMultusConfig(kube: Pick<KubeClient, "patch">, config: object): Promise<void> {
  await kube.patch(NAMESPACE, { metadata: { annotations: { [MULTUS]: JSON.stringify(config) } } }, { type: "merge" });
}

/** Notes that from now on something of ours may lie on the nodes. */
export async function noteVisited(kube: Pick<KubeClient, "patch">): Promise<void> {
  const annotations = { [VISITED]: new Date().toISOString() };
  await kube.patch(NAMESPACE, { metadata: { annotations } }, { type: "merge" });
}

/** Notes what goes from the nodes when the cluster is left. */
export async function noteLoaded(
  kube: Pick<KubeClient, "patch">,
  { ref, nodes }: { readonly ref: string; readonly nodes: readonly string[] },
): Promise<void> {
  const annotations = { [LOADED]: ref, [LOADED_ON]: nodes.join(",") };
  await kube.patch(NAMESPACE, { metadata: { annotations } }, { type: "merge" });
}

/** The agent shares the processes and the network of its host, which no namespace allows by itself. */
function namespaceOf(runId: string): KubeObject {
  return {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: {
      name: GUEST_NAMESPACE,
      labels: { ...MANAGED_BY, [RUN]: runId, "pod-security.kubernetes.io/enforce": "privileged" },
      annotations: { [HOLDER]: JSON.stringify(ownIdentity()), [HOST]: hostname(), [RUN]: runId },
    },
  };
}

function parsed(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? "");
  } catch {
    return undefined;
  }
}
