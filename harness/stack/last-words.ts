import { messageOf, PlumblineError } from "../core/errors.ts";
import type { KubeClient, KubeObject } from "../kube/client.ts";

interface ContainerStatus {
  readonly name: string;
  readonly restartCount: number;
  readonly state?: { readonly terminated?: Terminated };
  readonly lastState?: { readonly terminated?: Terminated };
}

/** `message` is the end of its log, or what it wrote for Kubernetes, as its pod's `terminationMessagePolicy` says. */
interface Terminated {
  readonly exitCode: number;
  readonly reason?: string;
  readonly message?: string;
}

/** Of each container that ended: how, and the last line that it left. */
export function lastWordsOf(pods: readonly KubeObject[]): readonly string[] {
  return pods.flatMap((pod) => {
    const statuses = (pod.status?.["containerStatuses"] ?? []) as readonly ContainerStatus[];
    return statuses.flatMap(({ name, restartCount, state, lastState }) => {
      const ended = state?.terminated ?? lastState?.terminated;
      if (!ended) return [];
      const words = ended.message?.trim().split("\n").at(-1) ?? "";
      const how = `exit code ${ended.exitCode}${ended.reason === undefined ? "" : `, ${ended.reason}`}`;
      const node = (pod.spec?.["nodeName"] as string | undefined) ?? "no node";
      const times = restartCount === 0 ? "" : ` and was started again, ${restartCount} in all`;
      return [`${name} on ${node} ended (${how})${times}${words === "" ? "" : `: ${words}`}`];
    });
  });
}

/**
 * Waits, and if that fails adds what those pods said when they ended: what is waited for does not come while they do.
 * @throws what `wait` throws, with the last words in its message
 */
export async function withLastWords(
  kube: Pick<KubeClient, "list">,
  pods: { readonly namespace: string; readonly labelSelector: string },
  wait: () => Promise<void>,
): Promise<void> {
  try {
    await wait();
  } catch (error) {
    if (!(error instanceof PlumblineError)) throw error;
    // an error of this would hide what was waited for in vain
    const words = await kube.list({ apiVersion: "v1", kind: "Pod", ...pods }).then(lastWordsOf, () => []);
    if (words.length === 0) throw error;
    const { code, kind, hint, context } = error;
    const message = `${messageOf(error)}; ${words.join("; ")}`;
    throw new PlumblineError({ code, kind, hint, context, message, cause: error });
  }
}
