import type { LineSession } from "../process/line-session.ts";
import type { Finished } from "../process/run.ts";

export interface ExecOptions {
  readonly timeoutMs: number;
  readonly stdin?: string | Uint8Array;
  readonly signal?: AbortSignal | undefined;
  /** Exit codes that are an answer. Default: only 0. */
  readonly okExitCodes?: readonly number[] | "any";
}

/** A way onto one node. Failures of the transport itself are harness errors, never a verdict about the subject. */
export interface NodeTransport {
  readonly node: string;
  /** Runs a program on the node, in its own namespaces. @throws PlumblineError PL_NODE_EXEC */
  exec(argv: readonly string[], options: ExecOptions): Promise<Finished>;
  /** Starts a program on the node that answers line by line. */
  open(argv: readonly string[]): Promise<LineSession>;
  /** Writes a file atomically (temporary name, then rename). @param mode e.g. 0o644 */
  writeFile(path: string, content: string | Uint8Array, mode: number): Promise<void>;
}
