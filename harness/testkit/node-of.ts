import { harnessError } from "../core/errors.ts";
import type { CaseNode } from "./case-node.ts";

/** The node on which a pod of the case lies. @throws PlumblineError PL_NO_NODE (harness) if it is none of these */
export function nodeOf(pod: { readonly node: string }, nodes: readonly CaseNode[]): CaseNode {
  const node = nodes.find(({ name }) => name === pod.node);
  if (!node) throw harnessError("PL_NO_NODE", `${pod.node} is none of ${nodes.map(({ name }) => name).join(", ")}`);
  return node;
}

/** Some node for pods, for what is the same on each. @throws PlumblineError PL_NO_NODE (harness) if there is none */
export function anyNode([node]: readonly CaseNode[]): CaseNode {
  if (!node) throw harnessError("PL_NO_NODE", "the testbed has no node for pods");
  return node;
}
