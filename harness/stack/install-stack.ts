import type { Deadline } from "../core/deadline.ts";
import { markReady } from "../cluster/cluster-record.ts";
import { inPhase } from "../core/ports.ts";
import { proveByCanary } from "./canary.ts";
import type { StackContext } from "./component.ts";
import type { Stack } from "./stack.ts";

/** Installs all components, each as soon as what it needs is there. It does not wait until they work: see `stackReady`. */
export async function installStack(stack: Stack, context: StackContext): Promise<void> {
  await inPhase(context.phase, `install ${stack.name}`, async (phase) => {
    const pending = new Set(stack.components.map((component) => component.name));
    const tell = (): void => phase.update([...pending].join(", "));
    tell();
    await Promise.all(
      stack.components.map(async (component) => {
        await component.install({ ...context, phase });
        pending.delete(component.name);
        tell();
      }),
    );
  });
}

/**
 * Waits until the stack works: every component says so, every node is Ready, and on every node for pods a canary pod
 * with a secondary network became Ready and has it. The canaries and what they made are gone when it returns.
 * @throws DeadlineError with what was seen last
 */
export async function stackReady(stack: Stack, context: StackContext, deadline: Deadline): Promise<void> {
  await inPhase(context.phase, `wait for ${stack.name}`, async (phase) => {
    const pending = new Set(["nodes", ...stack.components.map((component) => component.name)]);
    const waited = async (name: string, ready: Promise<unknown>): Promise<void> => {
      await ready;
      pending.delete(name);
      phase.update(pending.size > 0 ? [...pending].join(", ") : "a pod with a secondary network");
    };
    await Promise.all([
      waited("nodes", nodesReady(context, deadline)),
      ...stack.components.map((component) => waited(component.name, component.ready({ ...context, phase }, deadline))),
    ]);
    await proveByCanary(context, deadline);
    markReady(context.cluster.spec.name);
  });
}

async function nodesReady(context: StackContext, deadline: Deadline): Promise<void> {
  await context.kube.waitForList(
    { apiVersion: "v1", kind: "Node" },
    {
      what: "all nodes to be Ready",
      deadline,
      signal: context.signal,
      done: (nodes) => nodes.length > 0 && nodes.every((node) => readiness(node.status)?.status === "True"),
      describe: (nodes) => nodes.map((node) => ({ name: node.metadata.name, ready: readiness(node.status) })),
    },
  );
}

function readiness(
  status: Readonly<Record<string, unknown>> | undefined,
): { status: string; message?: string } | undefined {
  const conditions = (status?.["conditions"] ?? []) as readonly { type: string; status: string; message?: string }[];
  return conditions.find((condition) => condition.type === "Ready");
}
