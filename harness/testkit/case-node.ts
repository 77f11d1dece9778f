import { Invoker } from "../nodes/invoker.ts";
import { readNodeState } from "../nodes/read-state.ts";
import { HeldAttachments } from "./held-attachments.ts";
import type { NodeState } from "../nodes/state.ts";
import type { NodeTransport } from "../nodes/transport.ts";
import { countCallsOf, readPluginCalls, type PluginCall } from "../nodes/plugin-calls.ts";

const TIMEOUT_MS = 30_000;

/** What a program said, whatever its exit code. */
export interface Said {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A node as a case sees it. */
export class CaseNode {
  readonly name: string;
  /** Name of the plugin under test that lies on it. */
  readonly subject: string | undefined;
  /** What plugins hold here for containers that no runtime knows. */
  readonly held = new HeldAttachments();
  readonly #transport: NodeTransport;
  #invoker: Promise<Invoker> | undefined;
  #undo: (() => Promise<void>)[] = [];

  constructor(transport: NodeTransport, subject?: string) {
    this.name = transport.node;
    this.subject = subject;
    this.#transport = transport;
  }

  /** Runs a program on the node. @throws PlumblineError PL_NODE_EXEC (harness) if it could not be run */
  async exec(
    argv: readonly string[],
    options: { readonly timeoutMs?: number; readonly stdin?: string } = {},
  ): Promise<Said> {
    const { timeoutMs = TIMEOUT_MS, stdin } = options;
    const { exitCode, stdout, stderr } = await this.#transport.exec(argv, {
      timeoutMs,
      okExitCodes: "any",
      ...(stdin === undefined ? {} : { stdin }),
    });
    return { exitCode: exitCode ?? -1, stdout, stderr };
  }

  /** Runs a script of the shell. Arguments are `$1`, `$2`...: nothing is pasted into the script. */
  async shell(script: string, ...args: readonly string[]): Promise<Said> {
    return this.exec(["sh", "-euc", script, "sh", ...args]);
  }

  async writeFile(path: string, content: string, mode = 0o644): Promise<void> {
    await this.#transport.writeFile(path, content, mode);
  }

  /** Links, addresses, routes, namespaces, firewall, and the files of CNI, in one look. */
  async state(): Promise<NodeState> {
    return readNodeState(this.#transport, { timeoutMs: TIMEOUT_MS });
  }

  /** Runs plugin binaries without Kubernetes. What it makes goes with the batch. */
  async invoker(): Promise<Invoker> {
    return (this.#invoker ??= Invoker.open(this.#transport));
  }

  /** Has something done when the batch has ended, the last first. */
  atEnd(undo: () => Promise<void>): void {
    this.#undo.push(undo);
  }

  /** Ends what a case has opened, and undoes what it has changed. */
  async close(): Promise<void> {
    const invoker = await this.#invoker;
    this.#invoker = undefined;
    try {
      if (invoker && !invoker.isOver()) await this.held.release(invoker);
    } finally {
      // whatever came of that, what was changed is put back
      await invoker?.close();
      for (let undo = this.#undo.pop(); undo; undo = this.#undo.pop()) await undo();
    }
  }

  /** The scripted plugin's calls that hold this text: a network's or a pod's name, say. Oldest first. */
  async calls(text: string): Promise<readonly PluginCall[]> {
    return readPluginCalls(this.#transport, text);
  }

  /** How many calls of a binary behind the recorder have ended, whoever made them; 0 if it is not recorded. */
  async countCalls(program: string): Promise<number> {
    return countCallsOf(this.#transport, program);
  }
}
