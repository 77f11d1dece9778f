import type { Scope } from "../core/scope.ts";
import { isNodeFault, type CallFault, type Fault } from "../nodes/fault.ts";
import type { FaultCall } from "../nodes/fault-log.ts";
import { byBinary, plantFaults } from "../nodes/plant-fault.ts";
import { plantNodeFault } from "../nodes/plant-node-fault.ts";
import type { FaultActs } from "./judge-proof.ts";
import type { Testbed } from "./testbed.ts";

/** What planted faults are seen to do. */
export interface SeenActs {
  /** What went through the wrappers, on all nodes; complete when the scope is closed. */
  readonly calls: FaultCall[];
  /** The faults that changed a node. */
  readonly changed: Set<string>;
}

interface Planting {
  readonly testbed: Pick<Testbed, "nodes" | "stack" | "cluster">;
  /** Undoes them when it is closed. */
  readonly scope: Scope;
  readonly seen: SeenActs;
}

/** Plants faults on all nodes that they are for. */
export async function plantAll(faults: readonly Fault[], planting: Planting): Promise<void> {
  await plantInCalls(faults, planting);
  await plantOnNodes(faults, planting);
}

async function plantInCalls(faults: readonly Fault[], { testbed, scope, seen }: Planting): Promise<void> {
  const options = { mode: testbed.stack.multus.mode };
  const inCalls = faults.filter((fault): fault is CallFault => !isNodeFault(fault));
  for (const node of testbed.nodes) {
    for (const [binary, ofBinary] of byBinary(inCalls, options)) {
      const planted = await plantFaults(node, { binary, faults: ofBinary }, options);
      // restored in any case, also if what they did cannot be read
      scope.defer(`restore ${binary} on ${node.node}`, () => planted.undo());
      scope.defer(`read what went through ${binary} on ${node.node}`, async () => {
        seen.calls.push(...(await planted.calls()));
      });
    }
  }
}

async function plantOnNodes(faults: readonly Fault[], { testbed, scope, seen }: Planting): Promise<void> {
  const controlPlane = testbed.cluster.nodes.find(({ role }) => role === "control-plane")?.name;
  for (const fault of faults.filter((one) => isNodeFault(one))) {
    const isAll = fault.onNodes.which === "each";
    for (const node of testbed.nodes.filter((one) => isAll || one.node === controlPlane)) {
      const planted = await plantNodeFault(node, fault);
      scope.defer(`undo ${fault.id} on ${node.node}`, () => planted.undo());
      if (planted.changed) seen.changed.add(fault.id);
    }
  }
}

/** What a fault did, by what was seen of all. */
export function actsOf(fault: Fault, { calls, changed }: SeenActs): FaultActs {
  if (isNodeFault(fault)) {
    const never = "it never acted: the nodes say the same as without it";
    return { acted: changed.has(fault.id) ? 1 : 0, never, problems: [] };
  }
  // a call that is for no fault tells of a wrapper that could not read what it is to do
  const own = calls.filter((call) => call.fault === fault.id || call.fault === "");
  const acted = calls.filter((call) => call.fault === fault.id && call.matched).length;
  return {
    acted,
    never: `it never acted: ${calls.length} calls went through its wrapper, and it was for none of them`,
    problems: own.flatMap((call) => call.problems.map((problem) => `${call.binary} ${call.command}: ${problem}`)),
  };
}
