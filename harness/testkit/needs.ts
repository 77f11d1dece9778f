import { loadNetworkTemplate } from "../config/network-templates.ts";
import type { CaseDefinition } from "./define.ts";

/** Kinds of links of the kernel are features too, by this name. */
export const KERNEL_FEATURE = "kernel-";

/** What the testbed must have for a case: what it says itself, and what its networks ask of the kernel. */
export function needsOf(definition: Pick<CaseDefinition, "needs" | "pods">): readonly string[] {
  const types = new Set(
    Object.values(definition.pods).flatMap((pod) => pod.attachments.map(({ network }) => network.type)),
  );
  const kernel = [...types].flatMap((type) => loadNetworkTemplate(type).needs.kernel);
  return [...new Set([...(definition.needs ?? []), ...kernel.map((kind) => `${KERNEL_FEATURE}${kind}`)])].toSorted();
}
