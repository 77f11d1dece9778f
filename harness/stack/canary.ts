import { podNodes } from "../cluster/cluster-nodes.ts";
import type { ClusterNode } from "../cluster/cluster.ts";
import { Deadline } from "../core/deadline.ts";
import { DeadlineError, harnessError } from "../core/errors.ts";
import type { KubeObject } from "../kube/client.ts";
import { isReady } from "../kube/is-ready.ts";
import { NETWORK_STATUS_ANNOTATION, parseNetworkStatus } from "../net/network-status.ts";
import { NETWORKS_ANNOTATION } from "../net/network-selection.ts";
import type { StackContext } from "./component.ts";

const NAME = "plumbline-canary";
const NAMESPACE = "default";
const REMOVE_MS = 60_000;
const BRIDGE = "plcanary0";
/** TEST-NET-2: no cluster uses it. @source RFC 5737 */
const SUBNET = "198.51.100.0/24";

const ATTACHMENT: KubeObject = {
  apiVersion: "k8s.cni.cncf.io/v1",
  kind: "NetworkAttachmentDefinition",
  metadata: { name: NAME, namespace: NAMESPACE },
  spec: {
    config: JSON.stringify({
      cniVersion: "0.3.1",
      name: NAME,
      type: "bridge",
      bridge: BRIDGE,
      ipam: { type: "host-local", ranges: [[{ subnet: SUBNET }]] },
    }),
  },
};

/** What a canary proved, and what is still on its way. */
export interface Proven {
  /** Resolves when nothing of the canaries is left: pods, bridge, leases. */
  readonly cleared: Promise<void>;
}

/**
 * Runs a pod with a secondary network on every node for pods. Their removal goes on after it has returned.
 * @throws DeadlineError if one did not become Ready; PlumblineError PL_CANARY if it has no net1; nothing is left then
 */
export async function proveByCanary(context: StackContext, deadline: Deadline): Promise<Proven> {
  const { kube, signal } = context;
  const nodes = podNodes(context.cluster.nodes);
  try {
    await kube.apply([ATTACHMENT, ...(await Promise.all(nodes.map((node) => canary(context, node))))], { signal });
    const pods = await kube.waitForList(podQuery(), {
      what: `${nodes.length} canary pods to be Ready`,
      deadline,
      signal,
      done: (found) => found.length === nodes.length && found.every(isReady),
      describe: (found) => found.map((pod) => ({ name: pod.metadata.name, status: pod.status?.["phase"] })),
    });
    for (const pod of pods) requireSecondary(pod);
  } catch (caught) {
    // an API that tells no reasons must not hide that the wait ran out
    const error = caught instanceof DeadlineError ? await withReasons(caught, context).catch(() => caught) : caught;
    // With time of its own: what is left here would lie in every later comparison. A cluster that was being made for an
    // interrupted run is deleted whole.
    if (!(signal?.aborted && context.cluster.created)) await removeCanaries(context, Deadline.in(REMOVE_MS));
    throw error;
  }
  const cleared = removeCanaries(context, Deadline.in(REMOVE_MS));
  cleared.catch(() => undefined); // whoever waits for it is told
  return { cleared };
}

/** The error with what the kubelet last said of the canaries, which is mostly what a plugin said to it. */
async function withReasons(error: DeadlineError, { kube }: StackContext): Promise<DeadlineError> {
  const pods = await kube.list(podQuery());
  const reasons = await Promise.all(
    pods
      .filter((pod) => !isReady(pod))
      .map(async ({ metadata: { name } }) => {
        const warnings = (await kube.events({ namespace: NAMESPACE, name })).filter(({ type }) => type === "Warning");
        const last = warnings.at(-1);
        return `${name}: ${last ? `${last.reason}: ${last.message}` : "no event tells why"}`;
      }),
  );
  const { code, kind, hint, lastObservation } = error;
  const message = `${error.message}; ${reasons.join("; ")}`;
  return new DeadlineError({ code, kind, hint, message, lastObservation, cause: error });
}

async function removeCanaries(context: StackContext, deadline: Deadline): Promise<void> {
  const { kube } = context;
  const pods = await kube.list(podQuery());
  await Promise.all(pods.map(({ metadata: { name } }) => kube.delete({ ...podQuery(), name })));
  await kube.waitForList(podQuery(), {
    what: "the canary pods to be gone",
    deadline,
    done: (found) => found.length === 0,
  });
  const { apiVersion, kind } = ATTACHMENT;
  await kube.delete({ apiVersion, kind, namespace: NAMESPACE, name: NAME });
  const script = `ip link delete ${BRIDGE} 2>/dev/null; rm -rf /var/lib/cni/networks/${NAME}`;
  await Promise.all(
    context.nodes.map((node) => node.exec(["sh", "-c", script], { timeoutMs: 10_000, okExitCodes: "any" })),
  );
}

function podQuery(): { apiVersion: string; kind: string; namespace: string; labelSelector: string } {
  return { apiVersion: "v1", kind: "Pod", namespace: NAMESPACE, labelSelector: `app=${NAME}` };
}

/** Placed by name: the scheduler has no part in what is proven. */
async function canary(context: StackContext, node: ClusterNode): Promise<KubeObject> {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: `${NAME}-${node.name}`,
      namespace: NAMESPACE,
      labels: { app: NAME },
      annotations: { [NETWORKS_ANNOTATION]: NAME },
    },
    spec: {
      nodeName: node.name,
      terminationGracePeriodSeconds: 1,
      automountServiceAccountToken: false,
      tolerations: [{ operator: "Exists" }],
      containers: [{ name: "pause", image: await pauseImage(context), imagePullPolicy: "IfNotPresent" }],
    },
  };
}

/** Every node has the image of its own sandboxes. */
async function pauseImage({ nodes, signal }: StackContext): Promise<string> {
  const [node] = nodes;
  const { stdout } = (await node?.exec(["crictl", "images", "--output", "json"], { timeoutMs: 15_000, signal })) ?? {
    stdout: "{}",
  };
  const { images = [] } = JSON.parse(stdout) as { images?: readonly { repoTags?: readonly string[] }[] };
  const found = images.flatMap((image) => image.repoTags ?? []).find((tag) => /\/pause:[^/]+$/.test(tag));
  if (found === undefined) throw harnessError("PL_CANARY", `there is no pause image on node ${node?.node}`);
  return found;
}

function requireSecondary(pod: KubeObject): void {
  const text = pod.metadata.annotations?.[NETWORK_STATUS_ANNOTATION];
  const statuses = text === undefined ? [] : parseNetworkStatus(text);
  if (statuses.some((status) => status.interface === "net1")) return;
  throw harnessError("PL_CANARY", `the canary pod ${pod.metadata.name} is Ready, but its network-status has no net1`, {
    hint: "the runtime did not use Multus when the pod was made",
    context: { networkStatus: text ?? null },
  });
}
