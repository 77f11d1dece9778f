import { z } from "zod";
import { harnessError, messageOf } from "../core/errors.ts";
import { nodeStateSchema, STATE_SENTINEL, type NodeState, type StatePart } from "./state.ts";
import type { NodeTransport } from "./transport.ts";

export const AGENT_PATH = "/opt/plumbline/bin/agent";

export interface ReadStateOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Default: all of them. */
  readonly parts?: readonly StatePart[];
  /**
   * Named namespaces whose inside is read: it takes two processes each, of which some nodes have hundreds. Default: all
   * of them. The others are told of without tables.
   */
  readonly inside?: "none" | { readonly podUids: readonly string[] };
  /** Returns a state with stated gaps instead of refusing it. Nothing may be judged absent by such a state. */
  readonly allowIncomplete?: boolean;
  /** Where the agent lies on the node. */
  readonly agentPath?: string;
  /** Further words for the agent, such as `--root DIR` for scratch folders. */
  readonly agentArgs?: readonly string[];
}

// A device that goes away between two readings makes one part fail; the next reading is whole.
const ATTEMPTS = 3;

/**
 * Reads the network state of a node in one round trip.
 * @throws PlumblineError PL_NODE_EXEC if the agent could not be run
 * @throws PlumblineError PL_NODE_STATE if its answer is cut or has another shape
 * @throws PlumblineError PL_NODE_STATE_INCOMPLETE if parts could not be read three times in a row
 */
export async function readNodeState(t: NodeTransport, options: ReadStateOptions): Promise<NodeState> {
  for (let attempt = 1; ; attempt++) {
    const state = await readOnce(t, options);
    if (state.errors.length === 0 || options.allowIncomplete) return state;
    if (attempt < ATTEMPTS) continue;
    const gaps = state.errors.map((e) => `${e.part}: ${e.message}`).join("; ");
    throw harnessError("PL_NODE_STATE_INCOMPLETE", `the state of node ${t.node} could not be read whole: ${gaps}`, {
      hint: "a tool is missing on the node or refuses to answer; nothing can be judged without it",
      context: { node: t.node, errors: state.errors },
    });
  }
}

async function readOnce(t: NodeTransport, options: ReadStateOptions): Promise<NodeState> {
  const parts = options.parts ? ["--parts", options.parts.join(",")] : [];
  const { stdout } = await t.exec(
    [options.agentPath ?? AGENT_PATH, "state", ...parts, ...insideArgs(options), ...(options.agentArgs ?? [])],
    options,
  );
  return parseNodeState(stdout, t.node);
}

function insideArgs({ inside }: ReadStateOptions): readonly string[] {
  if (inside === undefined) return [];
  const uids = inside === "none" ? [] : inside.podUids;
  return ["--inside", uids.length === 0 ? "none" : uids.join(",")];
}

/** Reads the agent's document. @throws PlumblineError PL_NODE_STATE */
export function parseNodeState(text: string, node: string): NodeState {
  // looked for before parsing, so that a cut answer is called what it is
  if (!text.trimEnd().endsWith(`"end":"${STATE_SENTINEL}"}`)) {
    throw harnessError("PL_NODE_STATE", `the state of node ${node} was cut after ${text.length} characters`);
  }
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw harnessError("PL_NODE_STATE", `the state of node ${node} is not JSON: ${messageOf(error)}`, { cause: error });
  }
  const parsed = nodeStateSchema.safeParse(document);
  if (parsed.success) return parsed.data;
  throw harnessError(
    "PL_NODE_STATE",
    `the state of node ${node} has an unknown shape: ${z.prettifyError(parsed.error)}`,
    {
      cause: parsed.error,
    },
  );
}
