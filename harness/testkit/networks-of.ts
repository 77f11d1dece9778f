import type { NetworkDeclaration } from "./declare-network.ts";
import type { CaseDefinition } from "./define.ts";

/** Every network that a case uses, by its pods or by itself. */
export function networksOf(definition: Pick<CaseDefinition, "pods" | "networks">): readonly NetworkDeclaration[] {
  const ofPods = Object.values(definition.pods).flatMap((pod) => pod.attachments.map(({ network }) => network));
  return [...new Set([...ofPods, ...Object.values(definition.networks ?? {})])];
}
