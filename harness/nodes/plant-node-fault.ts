import { harnessError } from "../core/errors.ts";
import type { NodeFault } from "./fault.ts";
import type { NodeTransport } from "./transport.ts";

const TIMEOUT_MS = 30_000;
/** How to undo what is planted, for whoever comes after a killed run: guest-visit-script.ts. */
const UNDO_DIR = "/opt/plumbline/undo";
/** $1 the script to write, $2 its text. */
const NOTE_SCRIPT = 'mkdir -p "$(dirname "$1")"; printf "%s\n" "$2" > "$1"';

/** A changed node, until `undo`. */
export interface PlantedNodeFault {
  readonly node: string;
  readonly fault: string;
  /** Whether the node says something else than before: a fault that changed nothing proves nothing. */
  readonly changed: boolean;
  /** @throws PlumblineError PL_FAULT_RESTORE if the node then does not say what it said before */
  readonly undo: () => Promise<void>;
}

/**
 * Changes a node as a fault's file says.
 * @throws PlumblineError PL_NODE_EXEC if one of its commands fails; what was changed by then is undone
 */
export async function plantNodeFault(
  t: NodeTransport,
  { id, onNodes }: NodeFault,
  { undoDir = UNDO_DIR }: { readonly undoDir?: string } = {},
): Promise<PlantedNodeFault> {
  const note = `${undoDir}/${id}.sh`;
  const state = async (): Promise<string> => (await t.exec(onNodes.state, { timeoutMs: TIMEOUT_MS })).stdout;
  const before = await state();
  const undo = async (): Promise<void> => {
    await t.exec(onNodes.undo, { timeoutMs: TIMEOUT_MS });
    await t.exec(["rm", "-f", note], { timeoutMs: TIMEOUT_MS });
    const after = await state();
    if (after !== before) throw restoreError(t.node, id, { before, after });
  };
  await t.exec(["sh", "-euc", NOTE_SCRIPT, "sh", note, shellText(onNodes.undo)], { timeoutMs: TIMEOUT_MS });
  try {
    await t.exec(onNodes.plant, { timeoutMs: TIMEOUT_MS });
    return { node: t.node, fault: id, changed: (await state()) !== before, undo };
  } catch (error) {
    const also = await undo().then(
      () => [],
      (undoError: unknown) => [undoError],
    );
    if (also.length === 0) throw error;
    const what = `fault ${id} could be neither planted nor undone on ${t.node}`;
    throw new AggregateError([error, ...also], what, { cause: error });
  }
}

/** A command as a line of the shell. */
function shellText(argv: readonly string[]): string {
  return argv.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
}

function restoreError(node: string, id: string, context: { before: string; after: string }): Error {
  return harnessError("PL_FAULT_RESTORE", `node ${node} is not what it was before the fault ${id}`, {
    hint: "delete the cluster: results on it cannot be trusted",
    context,
  });
}
