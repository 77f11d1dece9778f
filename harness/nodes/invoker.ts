import { z } from "zod";
import { harnessError } from "../core/errors.ts";
import type { LineSession } from "../process/line-session.ts";
import type { NodeTransport } from "./transport.ts";

export const INVOKER_PATH = "/opt/plumbline/bin/invoker";
const CALL_TIMEOUT_MS = 30_000;
/** What the way to the node may take beside the call itself. */
const SLACK_MS = 15_000;

/** What a program did. @source programs/cmd/invoker */
const ranSchema = z.object({
  exitCode: z.int(),
  signal: z.string().optional(),
  stdout: z.string(),
  stderr: z.string(),
  durationMs: z.number(),
  timedOut: z.boolean().optional(),
});
export type Ran = z.output<typeof ranSchema>;

const chainSchema = z.object({
  calls: z.array(
    z.object({
      type: z.string(),
      stdin: z.unknown(),
      exitCode: z.int(),
      stdout: z.string(),
      stderr: z.string(),
      /** Why it counts as failed, where the exit code does not say so. */
      problem: z.string().optional(),
    }),
  ),
  result: z.record(z.string(), z.unknown()).nullish(),
  failedAt: z.int().nullish(),
});
/** What the plugins of a list did, one after the other, and the last result. */
export type ChainRan = z.output<typeof chainSchema>;

const namespaceSchema = z.object({ path: z.string(), name: z.string(), inode: z.number() });
export type ScratchNamespace = z.output<typeof namespaceSchema>;

/** One call of a plugin binary. */
export interface PluginInvocation {
  /** Name in /opt/cni/bin, or an absolute path. */
  readonly binary: string;
  /** Exactly these, and PATH and CNI_PATH where they are not named. `null`: absent. */
  readonly env: Readonly<Record<string, string | null>>;
  /** JSON, or text that goes in as it is. */
  readonly stdin: unknown;
  readonly timeoutMs?: number;
}

/** One call of all plugins of a list, as a runtime does it. */
export interface ChainInvocation {
  readonly list: unknown;
  readonly command: "ADD" | "DEL" | "CHECK";
  readonly containerId: string;
  readonly netns: string;
  readonly ifname: string;
  readonly args?: string;
  /** By capability; given to the plugins that declare it. */
  readonly runtimeConfig?: Readonly<Record<string, unknown>>;
  readonly prevResult?: unknown;
  /** Of each plugin. */
  readonly timeoutMs?: number;
}

/** A list has no more plugins than this. */
const PLUGINS_AT_MOST = 6;

/**
 * Runs plugin binaries on a node without Kubernetes. What it makes on the node goes when it is closed: the program there
 * undoes it at the end of its input, however that came about.
 */
export class Invoker {
  readonly #node: string;
  readonly #session: LineSession;
  #id = 0;

  private constructor(node: string, session: LineSession) {
    this.#node = node;
    this.#session = session;
  }

  static async open(t: NodeTransport, invokerPath: string = INVOKER_PATH): Promise<Invoker> {
    return new Invoker(t.node, await t.open([invokerPath]));
  }

  /** A network namespace of its own, with `lo` up. */
  async namespace(): Promise<ScratchNamespace> {
    return namespaceSchema.parse(await this.#ask({ op: "netns-add" }));
  }

  async removeNamespace(path: string): Promise<void> {
    await this.#ask({ op: "netns-delete", path });
  }

  async call(invocation: PluginInvocation): Promise<Ran> {
    return ranSchema.parse(await this.#ask({ op: "call", ...invocation }, invocation.timeoutMs));
  }

  async chain(invocation: ChainInvocation): Promise<ChainRan> {
    const { timeoutMs = CALL_TIMEOUT_MS } = invocation;
    return chainSchema.parse(await this.#ask({ op: "chain", ...invocation, timeoutMs }, PLUGINS_AT_MOST * timeoutMs));
  }

  /**
   * Runs a program of the node, in a network namespace if one is named; one that takes longer is killed.
   * @throws PlumblineError PL_INVOKER if it cannot be started; PL_SESSION if the node cannot be spoken to any more
   */
  async exec(
    argv: readonly string[],
    options: { readonly netns?: string; readonly stdin?: string; readonly timeoutMs?: number } = {},
  ): Promise<Ran> {
    return ranSchema.parse(await this.#ask({ op: "exec", argv, ...options }, options.timeoutMs));
  }

  /** Calls at once. */
  async parallel(invocations: readonly PluginInvocation[]): Promise<readonly Ran[]> {
    const requests = invocations.map((invocation, i) => ({ id: i, op: "call", ...invocation }));
    const { answers } = z
      .object({ answers: z.array(z.unknown()) })
      .parse(await this.#ask({ op: "parallel", requests }));
    return answers.map((answer) => ranSchema.parse(this.#checked(answer)));
  }

  /** Whether it has ended, with its node say. */
  isOver(): boolean {
    return this.#session.isOver();
  }

  /** @param boundMs what undoing may take before it is killed */
  async close(boundMs: number = SLACK_MS): Promise<void> {
    await this.#session.close(boundMs);
  }

  async #ask(request: Readonly<Record<string, unknown>>, timeoutMs = CALL_TIMEOUT_MS): Promise<unknown> {
    const id = ++this.#id;
    const line = await this.#session.ask(JSON.stringify({ id, ...request }), timeoutMs + SLACK_MS);
    return this.#checked(JSON.parse(line));
  }

  #checked(answer: unknown): unknown {
    const { error } = z.looseObject({ error: z.string().optional() }).parse(answer);
    if (error !== undefined) throw harnessError("PL_INVOKER", `the invoker on ${this.#node} could not: ${error}`);
    return answer;
  }
}
