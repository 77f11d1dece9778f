import { messageOf } from "../core/errors.ts";
import type { Deadline } from "../core/deadline.ts";
import { run } from "../process/run.ts";
import { SIMVF } from "../nodes/simvf.ts";
import { nodeContainers } from "./docker-objects.ts";

/** Stacks that make devices of the host's kernel, by the end of the name with which a stack's identity begins. */
const MAKES_DEVICES = /^[^ ]+-netdevsim( |$)/;
const MOST_MS = 20_000;

/** As a shell has it: the program cannot be run, or is not there. */
const NOT_ON_THE_NODE = [126, 127];

/**
 * Takes away devices of the host's kernel that nodes have made. They would outlive their nodes: the kernel hands those of a
 * network namespace that ends to that of the host.
 * @param stack identity of the cluster's stack
 * @returns which nodes may have kept theirs, and why: the nodes are to be removed all the same
 */
export async function removeKernelDevices(
  cluster: string,
  stack: string,
  deadline: Deadline,
): Promise<readonly string[]> {
  if (!MAKES_DEVICES.test(stack)) return [];
  const running = (await nodeContainers(cluster)).filter((node) => node.running);
  const timeoutMs = Math.min(MOST_MS, deadline.remainingMs);
  const kept = await Promise.all(
    running.map(async ({ id, name }) => {
      try {
        const { exitCode, stderr } = await run("docker", ["exec", id, SIMVF, "down"], {
          timeoutMs,
          okExitCodes: "any",
        });
        // a node that is half made has not got as far as the program, nor to a device
        return exitCode === 0 || NOT_ON_THE_NODE.includes(exitCode) ? [] : [`${name}: ${stderr.trim()}`];
      } catch (error) {
        return [`${name}: ${messageOf(error)}`];
      }
    }),
  );
  return kept.flat();
}
