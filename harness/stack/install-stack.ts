import type { Deadline } from "../core/deadline.ts";
import { markReady } from "../cluster/cluster-record.ts";
import { inPhase, type Phase } from "../core/ports.ts";
import { proveByCanary, type Proven } from "./canary.ts";
import type { StackContext } from "./component.ts";
import type { Stack } from "./stack.ts";

/** Installs all components, each as soon as what it needs is there. It does not wait until they work. */
export async function installStack(stack: Stack, context: StackContext): Promise<void> {
  await inPhase(context.phase, `install ${stack.name}`, async (phase) => {
    for (const component of stack.components) await component.prepare?.({ ...context, phase });
    await together(
      context,
      phase,
      stack.components.map((component) => ({
        name: component.name,
        work: (own) => component.install({ ...own, phase }),
      })),
    );
  });
}

/**
 * Waits until every component says that it works and every node is Ready.
 * @throws DeadlineError with what was seen last
 */
export async function componentsReady(stack: Stack, context: StackContext, deadline: Deadline): Promise<void> {
  await inPhase(context.phase, `wait for ${stack.name}`, async (phase) => {
    await together(context, phase, [
      { name: "nodes", work: (own) => nodesReady(own, deadline) },
      ...stack.components.map((component) => ({
        name: component.name,
        work: (own: StackContext) => component.ready({ ...own, phase }, deadline),
      })),
    ]);
  });
}

/**
 * Proves that the stack works: on every node for pods a canary pod with a secondary network becomes Ready and has it.
 * @throws DeadlineError with what was seen last
 */
export async function proveStack(context: StackContext, deadline: Deadline): Promise<Proven> {
  return inPhase(context.phase, "a pod with a secondary network", async () => {
    const { cleared } = await proveByCanary(context, deadline);
    // a cluster with a canary on it is not one to be used again
    const ready = cleared.then(() => markReady(context.cluster.spec.name));
    ready.catch(() => undefined); // whoever waits for it is told
    return { cleared: ready };
  });
}

interface Part {
  readonly name: string;
  readonly work: (context: StackContext) => Promise<void>;
}

/** Does all parts at once and tells which are not done. When one fails the others are given up, and waited for. */
async function together(context: StackContext, phase: Phase, parts: readonly Part[]): Promise<void> {
  const pending = new Set(parts.map(({ name }) => name));
  const own = new AbortController();
  const signal = context.signal ? AbortSignal.any([context.signal, own.signal]) : own.signal;
  phase.update([...pending].join(", "));
  const running = parts.map(async ({ name, work }) => {
    await work({ ...context, signal });
    pending.delete(name);
    if (pending.size > 0) phase.update([...pending].join(", "));
  });
  try {
    await Promise.all(running);
  } catch (error) {
    own.abort(error);
    await Promise.allSettled(running);
    throw error;
  }
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
