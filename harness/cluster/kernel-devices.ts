import type { Deadline } from "../core/deadline.ts";
import { run } from "../process/run.ts";
import { SIMVF } from "../nodes/simvf.ts";
import { nodeContainers } from "./docker-objects.ts";

/** Stacks that make devices of the host's kernel, by the end of the name with which a stack's identity begins. */
const MAKES_DEVICES = /^[^ ]+-netdevsim( |$)/;
const MOST_MS = 20_000;

/**
 * Takes away devices of the host's kernel that nodes have made. They would outlive their nodes: the kernel hands those of a
 * network namespace that ends to that of the host.
 * @param stack identity of the cluster's stack
 */
export async function removeKernelDevices(cluster: string, stack: string, deadline: Deadline): Promise<void> {
  if (!MAKES_DEVICES.test(stack)) return;
  const running = (await nodeContainers(cluster)).filter((node) => node.running);
  const timeoutMs = Math.min(MOST_MS, deadline.remainingMs);
  await Promise.all(
    running.map(async ({ id }) => {
      // a node that is half made has none, and one that does not answer must go all the same
      await run("docker", ["exec", id, SIMVF, "down"], { timeoutMs, okExitCodes: "any" }).catch(() => undefined);
    }),
  );
}
