import { diffStates } from "../nodes/ledger.ts";
import { bearsName, namesOfClusterPods } from "../nodes/live-names.ts";
import { loadLedgerRules } from "../nodes/ledger-rules.ts";
import { readNodeState } from "../nodes/read-state.ts";
import type { NodeState } from "../nodes/state.ts";
import type { NodeTransport } from "../nodes/transport.ts";
import type { BodyOf } from "../results/events.ts";

const READ_TIMEOUT_MS = 30_000;

/** The nodes before the first case and after the last: what differs and belongs to nobody is shown in the record. */
export class LedgerWatch {
  readonly #nodes: readonly NodeTransport[];
  readonly #before: readonly NodeState[];

  private constructor(nodes: readonly NodeTransport[], before: readonly NodeState[]) {
    this.#nodes = nodes;
    this.#before = before;
  }

  static async start(nodes: readonly NodeTransport[]): Promise<LedgerWatch> {
    return new LedgerWatch(
      nodes,
      await Promise.all(nodes.map((node) => readNodeState(node, { timeoutMs: READ_TIMEOUT_MS }))),
    );
  }

  /**
   * The difference of each node, as events. Foreign and volatile items are counted, and so is what belongs to a living pod
   * of the cluster itself; the others are told one by one.
   */
  async end(): Promise<readonly BodyOf<"ledger">[]> {
    const rules = loadLedgerRules();
    return Promise.all(
      this.#nodes.map(async (node, i) => {
        const before = this.#before[i];
        const after = await readNodeState(node, { timeoutMs: READ_TIMEOUT_MS });
        const items = before ? diffStates(before, after, rules) : [];
        const others = namesOfClusterPods(after);
        const shown = items.filter(
          (item) =>
            item.class !== "foreign" && item.class !== "volatile" && !(item.class === "pod" && bearsName(item, others)),
        );
        return {
          type: "ledger" as const,
          node: node.node,
          items: shown.map(({ kind, key, change, class: itemClass, reason }) => ({
            kind,
            key,
            change,
            class: itemClass,
            reason: reason ?? "",
          })),
          setAside: items.length - shown.length,
        };
      }),
    );
  }
}
