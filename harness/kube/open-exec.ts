import { PassThrough } from "node:stream";
import type { KubeConfig, V1Status } from "@kubernetes/client-node";
import { harnessError, messageOf } from "../core/errors.ts";
import { lineSession, type LineSession } from "../process/line-session.ts";
import type { ExecRequest } from "./exec.ts";

/**
 * Starts a program in a container that answers line by line. Closing ends its input and waits for its end; where the
 * server cannot end an input alone (before Kubernetes 1.30), the connection closes, and the program ends by itself.
 * @throws PlumblineError PL_EXEC_REFUSED if it was not started
 */
export async function openExec(
  config: KubeConfig,
  { namespace, pod, container, argv }: Omit<ExecRequest, "timeoutMs" | "stdin">,
): Promise<LineSession> {
  const { Exec } = await import("@kubernetes/client-node");
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const said: Buffer[] = [];
  stderr.on("data", (chunk: Buffer) => said.push(chunk));
  let failure = "";
  const onStatus = (status: V1Status): void => {
    if (status.status !== "Success") failure = status.message ?? "";
  };
  try {
    const socket = await new Exec(config).exec(
      namespace,
      pod,
      container,
      [...argv],
      stdout,
      stderr,
      stdin,
      false,
      onStatus,
    );
    const ended = new Promise<string>((resolve) => {
      socket.on("close", () => resolve(`${Buffer.concat(said).toString("utf8")}${failure}`));
    });
    const what = `exec of ${argv.join(" ").slice(0, 200)} in ${namespace}/${pod}`;
    return lineSession({ what, stdin, stdout, ended, kill: () => socket.terminate() });
  } catch (error) {
    // what is thrown here is the WebSocket's ErrorEvent, which is no Error
    const message = error instanceof Error ? messageOf(error) : String((error as { message?: unknown }).message);
    throw harnessError("PL_EXEC_REFUSED", `exec in ${namespace}/${pod}/${container}: ${message}`, {
      hint: "the API server's reason is lost on this path; look at the pod",
    });
  }
}
