import type { Deadline } from "../core/deadline.ts";
import { DeadlineError, harnessError, messageOf } from "../core/errors.ts";
import type { KubeClient, KubeObject } from "../kube/client.ts";
import { agentTransport, type AgentPod } from "../nodes/agent-transport.ts";
import type { NodeTransport } from "../nodes/transport.ts";
import { GUEST_NAMESPACE, MANAGED_BY } from "./guest-claim.ts";

const NAME = "plumbline-agent";
const CONTAINER = "agent";
const PODS = { apiVersion: "v1", kind: "Pod", namespace: GUEST_NAMESPACE, labelSelector: `app=${NAME}` } as const;

/**
 * What the agent may do beyond a plain pod. It is not privileged: no devices of the host, no mount of its files, no
 * service account.
 *
 * - SYS_ADMIN, SYS_CHROOT, SYS_PTRACE: to enter the mounts of the host's first process, and network namespaces
 * - NET_ADMIN, NET_RAW: to read and change links, routes and rules, and to listen
 * - DAC_OVERRIDE, FOWNER, CHOWN, KILL: files and processes on the host that are not root's
 */
const CAPABILITIES = [
  "SYS_ADMIN",
  "SYS_CHROOT",
  "SYS_PTRACE",
  "NET_ADMIN",
  "NET_RAW",
  "DAC_OVERRIDE",
  "FOWNER",
  "CHOWN",
  "KILL",
] as const;

/** Reasons for which a container does not start however long one waits. */
const HOPELESS = /^(ErrImagePull|ImagePullBackOff|ErrImageNeverPull|InvalidImageName|CreateContainerConfigError)$/;

interface AgentOptions {
  readonly image: string;
  readonly runId: string;
  /** Names of the nodes that must have one. */
  readonly nodes: readonly string[];
  readonly deadline: Deadline;
  readonly signal: AbortSignal | undefined;
}

/**
 * Has an agent run on every node of a cluster that is not ours.
 * @returns the way onto each of these nodes
 * @throws PlumblineError PL_AGENT (harness) with what Kubernetes says of the pods
 */
export async function startAgents(kube: KubeClient, options: AgentOptions): Promise<readonly NodeTransport[]> {
  const { signal, deadline, nodes } = options;
  await kube.apply([agentManifest(options)], { signal });
  const wanted = new Set(nodes);
  const here = (pods: readonly KubeObject[]): readonly KubeObject[] => pods.filter((pod) => wanted.has(nodeOf(pod)));
  let pods: readonly KubeObject[];
  try {
    pods = await kube.waitForList(PODS, {
      what: `the agent on ${nodes.length} nodes`,
      deadline,
      signal,
      done: (found) => here(found).some(isHopeless) || here(found).filter(isReady).length === nodes.length,
      describe: (found) => found.map((pod) => ({ node: nodeOf(pod), status: whyNotReady(pod) })),
    });
  } catch (error) {
    if (!(error instanceof DeadlineError)) throw error;
    throw await agentError(kube, messageOf(error), options.image);
  }
  const broken = here(pods).find(isHopeless);
  if (broken) throw await agentError(kube, `on ${nodeOf(broken)}: ${whyNotReady(broken)}`, options.image);
  return here(pods).map((pod) => agentTransport(nodeOf(pod), kube, podOf(pod)));
}

/** The agents that are there and run, by a killed run perhaps. */
export async function runningAgents(
  kube: KubeClient,
): Promise<readonly { readonly node: NodeTransport; readonly pod: AgentPod }[]> {
  const pods = await kube.list(PODS);
  return pods.filter(isReady).map((pod) => ({ node: agentTransport(nodeOf(pod), kube, podOf(pod)), pod: podOf(pod) }));
}

/** Where a node's agent is, for another process that is to use it. */
export async function agentPods(kube: KubeClient): Promise<ReadonlyMap<string, AgentPod>> {
  return new Map((await runningAgents(kube)).map(({ node, pod }) => [node.node, pod]));
}

/** @source Kubernetes, pod security standards: what this asks for is what the level `baseline` forbids, and no more */
export function agentManifest({ image, runId }: Pick<AgentOptions, "image" | "runId">): KubeObject {
  const labels = { ...MANAGED_BY, app: NAME, "plumbline.dev/run": runId };
  return {
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    metadata: { name: NAME, namespace: GUEST_NAMESPACE, labels },
    spec: {
      selector: { matchLabels: { app: NAME } },
      template: {
        metadata: {
          labels,
          // the field of the same meaning is refused by servers before 1.30
          annotations: { [`container.apparmor.security.beta.kubernetes.io/${CONTAINER}`]: "unconfined" },
        },
        spec: {
          hostPID: true,
          hostNetwork: true,
          nodeSelector: { "kubernetes.io/os": "linux" },
          tolerations: [{ operator: "Exists" }],
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          terminationGracePeriodSeconds: 0,
          containers: [
            {
              name: CONTAINER,
              image,
              imagePullPolicy: "IfNotPresent",
              command: ["sleep", "infinity"],
              resources: { requests: { cpu: "1m", memory: "16Mi" } },
              securityContext: {
                runAsUser: 0,
                capabilities: { drop: ["ALL"], add: CAPABILITIES },
                seccompProfile: { type: "RuntimeDefault" },
              },
            },
          ],
        },
      },
    },
  };
}

async function agentError(kube: KubeClient, why: string, image: string): Promise<Error> {
  const events = await kube.events({ namespace: GUEST_NAMESPACE, name: NAME }).catch(() => []);
  const refused = events.filter(({ type }) => type === "Warning").at(-1)?.message;
  const told = refused === undefined ? why : `${why}; the DaemonSet: ${refused}`;
  return harnessError("PL_AGENT", `the agent of ${image} does not run: ${told}`, {
    hint: "cluster.image names an image that the nodes can pull; the namespace must admit pods of the level privileged",
  });
}

function podOf({ metadata }: KubeObject): AgentPod {
  return { namespace: GUEST_NAMESPACE, pod: metadata.name, container: CONTAINER };
}

function nodeOf(pod: KubeObject): string {
  const name = pod.spec?.["nodeName"];
  return typeof name === "string" ? name : "";
}

interface ContainerStatus {
  readonly ready?: boolean;
  readonly state?: { readonly waiting?: { readonly reason?: string; readonly message?: string } };
}

function statusOf(pod: KubeObject): ContainerStatus | undefined {
  return (pod.status?.["containerStatuses"] as readonly ContainerStatus[] | undefined)?.[0];
}

function isReady(pod: KubeObject): boolean {
  return statusOf(pod)?.ready === true && pod.metadata.deletionTimestamp === undefined;
}

function isHopeless(pod: KubeObject): boolean {
  return HOPELESS.test(statusOf(pod)?.state?.waiting?.reason ?? "");
}

function whyNotReady(pod: KubeObject): string {
  const { reason, message } = statusOf(pod)?.state?.waiting ?? {};
  return [reason, message].filter((part) => part !== undefined).join(": ") || "not started";
}
