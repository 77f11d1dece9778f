import { harnessError, messageOf } from "../core/errors.ts";
import type { KubeClient } from "../kube/client.ts";
import { commandError, type Finished } from "../process/run.ts";
import type { ExecOptions, NodeTransport } from "./transport.ts";
import { writeFileArgv } from "./write-file.ts";

const WRITE_TIMEOUT_MS = 60_000;

/** A pod of ours on a node, in the process namespace and the network of its host. */
export interface AgentPod {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
}

/**
 * Into the mounts of the host's first process, with the environment of a login there. The agent is in the host's process
 * and network namespaces already, so nothing is forked: what is killed is the program itself.
 */
const ENTER = [
  "env",
  "-i",
  "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/opt/bin",
  "HOME=/root",
  "nsenter",
  "--target",
  "1",
  "--mount",
  "--",
] as const;

/**
 * Ends the program's input after $1 bytes by itself: only from Kubernetes 1.30 on can the end of an input be sent, and
 * with the whole connection the answer would be lost.
 */
const FED = 'n=$1; shift; head -c "$n" | "$@"';

/** A node of a cluster that is not ours: by exec in the agent's pod on it. */
export function agentTransport(
  node: string,
  kube: Pick<KubeClient, "exec" | "openExec">,
  pod: AgentPod,
): NodeTransport {
  const exec = async (argv: readonly string[], options: ExecOptions): Promise<Finished> => {
    const { timeoutMs, signal, stdin, okExitCodes = [0] } = options;
    const fed =
      stdin === undefined ? argv : ["sh", "-c", FED, "sh", String(Buffer.byteLength(Buffer.from(stdin))), ...argv];
    const request = { ...pod, argv: [...ENTER, ...fed], timeoutMs, signal, stdin, keepStdinOpen: true };
    const finished = await kube.exec(request).catch((error: unknown) => {
      signal?.throwIfAborted();
      throw notRun({ node, argv, pod }, error);
    });
    const { exitCode } = finished;
    if (okExitCodes === "any" || okExitCodes.includes(exitCode)) return finished;
    throw commandError({
      file: `${node}:`,
      args: argv,
      options: { timeoutMs, kind: "harness", code: "PL_NODE_EXEC", hint: whereToLook(pod) },
      result: { ...finished, endedBy: "", cause: undefined, timedOut: false },
    });
  };
  return {
    node,
    exec,
    open: (argv) => kube.openExec({ ...pod, argv: [...ENTER, ...argv] }),
    async writeFile(path, content, mode) {
      const { argv, stdin } = writeFileArgv(path, content, mode);
      await exec(argv, { timeoutMs: WRITE_TIMEOUT_MS, stdin });
    },
  };
}

function notRun({ node, argv, pod }: { node: string; argv: readonly string[]; pod: AgentPod }, cause: unknown): Error {
  return harnessError("PL_NODE_EXEC", `cannot run ${argv[0]} on node ${node}: ${messageOf(cause)}`, {
    hint: whereToLook(pod),
    cause,
  });
}

function whereToLook({ namespace, pod }: AgentPod): string {
  return `look at the agent: kubectl -n ${namespace} describe pod ${pod}`;
}
