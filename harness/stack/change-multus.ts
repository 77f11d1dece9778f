import { MULTUS_DAEMON_CONFIG, MULTUS_DAEMON_SET, MULTUS_PODS } from "../cluster/multus-objects.ts";
import type { Deadline } from "../core/deadline.ts";
import { inPhase } from "../core/ports.ts";
import { runtimeForgets } from "./cni-config.ts";
import type { StackContext } from "./component.ts";
import { GIVEN_NETWORKS } from "./multus-settings.ts";
import { MULTUS_NETWORK } from "./multus.ts";
import type { Stack } from "./stack.ts";

/** Of either mode and any version. The definition of networks stays, and so do accounts and roles: they are applied over. */
const OBJECTS = [
  { apiVersion: "apps/v1", kind: "DaemonSet", ...MULTUS_DAEMON_SET },
  MULTUS_DAEMON_CONFIG,
  { apiVersion: "v1", kind: "ConfigMap", namespace: MULTUS_DAEMON_SET.namespace, name: "multus-cni-config" },
] as const;

const POD = { apiVersion: "v1", kind: "Pod", namespace: MULTUS_PODS.namespace } as const;

/**
 * What Multus put on a node, and the recorder in front of it. The cache of what it attached stays, since pods of the
 * system live on, and whoever detaches them reads it.
 */
const CLEAN_SCRIPT = `
rm -rf /etc/cni/net.d/00-multus.conf /etc/cni/net.d/00-multus.conflist /etc/cni/net.d/multus.d /run/multus
for name in multus multus-shim passthru; do rm -f "/opt/cni/bin/$name" "/opt/cni/bin/$name.plumbline-recorded"; done
`;

/**
 * Puts the Multus of a stack in the place of the one that runs on a cluster, whatever that is. The pods of the system stay:
 * nothing else of the stack is touched. It does not wait until the new one works.
 * @throws DeadlineError if the old one does not go
 */
export async function changeMultus(stack: Stack, context: StackContext, deadline: Deadline): Promise<void> {
  await inPhase(context.phase, `Multus ${stack.multus.version} ${stack.multus.mode} in place`, async (phase) => {
    const { kube, nodes, signal } = context;
    phase.update("removing the one that runs");
    await Promise.all(OBJECTS.map((object) => kube.delete(object, { signal })));
    const { apiVersion, kind, namespace } = GIVEN_NETWORKS;
    const given = await kube.list(GIVEN_NETWORKS, { signal });
    await Promise.all(
      given.map(({ metadata: { name } }) => kube.delete({ apiVersion, kind, namespace, name }, { signal })),
    );
    const running = await kube.list(MULTUS_PODS, { signal });
    // what it attaches waits for its end, which its own grace only puts off
    await Promise.all(
      running.map(({ metadata }) => kube.delete({ ...POD, name: metadata.name }, { gracePeriodSeconds: 1, signal })),
    );
    await kube.waitForList(MULTUS_PODS, {
      what: "the pods of the Multus that ran to be gone",
      deadline,
      signal,
      done: (pods) => pods.length === 0,
      describe: (pods) => pods.map((pod) => pod.metadata.name),
    });
    await Promise.all(nodes.map((node) => node.exec(["sh", "-c", CLEAN_SCRIPT], { timeoutMs: 30_000, signal })));
    await runtimeForgets(MULTUS_NETWORK, { context, deadline });
    phase.update("installing");
    for (const component of stack.components) {
      if (component.name === "multus") await component.install({ ...context, phase });
    }
  });
}
