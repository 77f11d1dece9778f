import type { KubeClient } from "../kube/client.ts";
import { identityOfSandboxes, type PodIdentity } from "../nodes/identity.ts";
import { isHostsDoing } from "./setup-failure.ts";
import type { PodOutcome, TestPod } from "./test-pod.ts";

/**
 * What the events say of a pod whose setup failed, but for what the host or the control plane did to a try. Each try of the kubelet makes another sandbox, and its runtime names
 * it: there is no other trace of it in the API.
 */
export async function refusalOf(kube: KubeClient, { namespace, name }: TestPod): Promise<PodOutcome> {
  const events = await kube.events({ namespace, name });
  const warnings = events.filter(({ type }) => type === "Warning");
  const told = warnings.map((event) => ({ text: `${event.reason}: ${event.message}`, ofHost: isHostsDoing(event) }));
  const messages = told.filter(({ ofHost }) => !ofHost).map(({ text }) => text);
  // a setup that the host broke off has left a sandbox, too
  const sandboxIds = told
    .map(({ text }) => text)
    .flatMap((text) => [...text.matchAll(/\b[0-9a-f]{64}\b/g)].map(([id]) => id));
  return { refused: true, messages, sandboxIds: [...new Set(sandboxIds)] };
}

/** What would be the residue of a pod that never got further than those sandboxes. */
export function refusedIdentity(pod: TestPod, sandboxIds: readonly string[], clusterNetwork: string): PodIdentity {
  const attachments = [
    { network: clusterNetwork, ifname: "eth0" },
    ...pod.attachments.map(({ network, request }, i) => ({
      network: network.name,
      ifname: request.interface ?? `net${i + 1}`,
    })),
  ];
  const { namespace, name, uid = "", node } = pod;
  return identityOfSandboxes({ namespace, name, uid }, { node, sandboxIds, attachments });
}
