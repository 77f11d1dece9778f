import { loadNetworkTemplate } from "../config/network-templates.ts";
import type { NetworkDeclaration } from "./declare-network.ts";
import type { CaseDefinition } from "./define.ts";

/** Kinds of links of the kernel are features too, by this name. */
export const KERNEL_FEATURE = "kernel-";

/** What the testbed must have for a case: what it says itself, and what its networks ask of the kernel. */
export function needsOf(definition: Pick<CaseDefinition, "needs" | "pods" | "networks">): readonly string[] {
  const types = new Set(networksOf(definition).flatMap((network) => network.type ?? []));
  const kernel = [...types].flatMap((type) => loadNetworkTemplate(type).needs.kernel);
  return [...new Set([...(definition.needs ?? []), ...kernel.map((kind) => `${KERNEL_FEATURE}${kind}`)])].toSorted();
}

/** Every network that a case uses, by its pods or by itself. */
export function networksOf(definition: Pick<CaseDefinition, "pods" | "networks">): readonly NetworkDeclaration[] {
  const ofPods = Object.values(definition.pods).flatMap((pod) => pod.attachments.map(({ network }) => network));
  return [...new Set([...ofPods, ...Object.values(definition.networks ?? {})])];
}
