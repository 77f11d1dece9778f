import { z } from "zod";
import type { Deadline } from "../core/deadline.ts";
import { until } from "../core/until.ts";
import type { NodeTransport } from "../nodes/transport.ts";
import { CNI_CONF_DIR } from "../nodes/cni-folders.ts";
import type { StackContext } from "./component.ts";

const CrictlInfo = z.object({
  cniconfig: z.object({ Networks: z.array(z.object({ Config: z.object({ Name: z.string() }) })).nullish() }).nullish(),
});

interface Wait {
  readonly context: StackContext;
  readonly deadline: Deadline;
}

/** Waits until every node has a network configuration that is not Multus' own: Multus wraps the first that it finds. */
export async function defaultNetworkWritten({ context, deadline }: Wait): Promise<void> {
  const written = async (node: NodeTransport): Promise<string[]> => {
    const { stdout } = await node.exec(["ls", CNI_CONF_DIR], {
      timeoutMs: 10_000,
      signal: context.signal,
      okExitCodes: "any",
    });
    return stdout.split("\n").filter((file) => /\.conf(list)?$/.test(file) && !file.startsWith("00-multus"));
  };
  await onEveryNode({ context, deadline }, (node) => ({
    what: `the default network's configuration on ${node.node}`,
    observe: async () => written(node),
    done: (files) => files.length > 0,
  }));
}

/**
 * Waits until the container runtime of every node has loaded the network of that name: a file that is written is not
 * used yet, and a pod that starts in between gets the network before it.
 */
export async function runtimeUses(network: string, wait: Wait): Promise<void> {
  await onEveryNode(wait, (node) => ({
    what: `the runtime on ${node.node} to use the network ${network}`,
    observe: async () => loadedNetworks(node, wait.context.signal),
    done: (names) => names.includes(network),
  }));
}

/** Waits until no node's container runtime has the network of that name loaded any more. */
export async function runtimeForgets(network: string, wait: Wait): Promise<void> {
  await onEveryNode(wait, (node) => ({
    what: `the runtime on ${node.node} to forget the network ${network}`,
    observe: async () => loadedNetworks(node, wait.context.signal),
    done: (names) => !names.includes(network),
  }));
}

async function loadedNetworks(node: NodeTransport, signal: AbortSignal | undefined): Promise<string[]> {
  const { stdout } = await node.exec(["crictl", "info"], { timeoutMs: 10_000, signal });
  const networks = CrictlInfo.parse(JSON.parse(stdout)).cniconfig?.Networks ?? [];
  return networks.map((entry) => entry.Config.Name);
}

interface NodeWait {
  readonly what: string;
  readonly observe: () => Promise<string[]>;
  readonly done: (observed: string[]) => boolean;
}

/** Waits until a file is there on every node. */
export async function fileWritten(path: string, what: string, wait: Wait): Promise<void> {
  const found = async (node: NodeTransport): Promise<string[]> => {
    const argv = ["ls", path];
    const { stdout } = await node.exec(argv, { timeoutMs: 10_000, signal: wait.context.signal, okExitCodes: "any" });
    return stdout.split("\n").filter((line) => line !== "");
  };
  await onEveryNode(wait, (node) => ({
    what: `${what} on ${node.node}`,
    observe: async () => found(node),
    done: (files) => files.length > 0,
  }));
}

async function onEveryNode({ context, deadline }: Wait, of: (node: NodeTransport) => NodeWait): Promise<void> {
  await Promise.all(
    context.nodes.map(async (node) => {
      const { observe, ...rest } = of(node);
      await until(observe, { ...rest, deadline, intervalMs: 200, signal: context.signal, code: "PL_STACK_READY" });
    }),
  );
}
