import { loadNetworkTemplate } from "../config/network-templates.ts";
import type { SubjectPlugin } from "../config/plugin-under-test.ts";
import type { CaseDefinition } from "./define.ts";
import { networksOf } from "./networks-of.ts";
import { takesPlaceOf } from "./subject-network.ts";
import { isOfWhereabouts, WHEREABOUTS } from "./whereabouts.ts";

/** Kinds of links of the kernel are features too, by this name. */
export const KERNEL_FEATURE = "kernel-";

/** What the testbed must have for a case: what it says itself, and what its networks ask of the kernel. */
export function needsOf(
  definition: Pick<CaseDefinition, "needs" | "pods" | "networks">,
  subject?: SubjectPlugin,
): readonly string[] {
  const networks = networksOf(definition);
  const templates = networks.flatMap((network) => {
    if (subject && takesPlaceOf(subject, network)) return subject.template;
    return network.type === undefined ? [] : loadNetworkTemplate(network.type);
  });
  const kernel = templates.flatMap(({ needs }) => needs.kernel.map((kind) => `${KERNEL_FEATURE}${kind}`));
  const features = templates.flatMap((template) => template.features ?? []);
  const ipam = networks.some((network) => isOfWhereabouts(network)) ? [WHEREABOUTS] : [];
  return [...new Set([...(definition.needs ?? []), ...kernel, ...features, ...ipam])].toSorted();
}
