import type { StackContext } from "../stack/component.ts";
import type { Stack } from "../stack/stack.ts";
import type { Feature } from "./detect-features.ts";
import { versionFeatures } from "./version-features.ts";

/** Features that follow from what the testbed is made of. */
export function stackFeatures({ name, multus }: Stack, { nodes }: StackContext): readonly Feature[] {
  const modes = (["thick", "thin"] as const).map((mode) => ({
    name: `multus-${mode}`,
    present: multus.mode === mode,
    evidence: `${name} has Multus in ${multus.mode} mode`,
  }));
  return [
    ...modes,
    ...versionFeatures(multus.version),
    { name: "outside-peer", present: true, evidence: "the nodes are containers on a network that others can join" },
    { name: "two-nodes", present: nodes.length > 1, evidence: `the cluster has ${nodes.length} nodes` },
  ];
}
