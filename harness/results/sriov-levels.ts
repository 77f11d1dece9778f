import { z } from "zod";

/** A level of SR-IOV, simulated or of real NICs, by what a case can learn on it; see ARCHITECTURE.md. */
export const sriovLevelSchema = z.string().regex(/^S\d$/, "a level such as S1");
export type SriovLevel = z.infer<typeof sriovLevelSchema>;

/** What a result on each level says. What hardware makes of what is asked of it none of them says. */
export const SRIOV_LEVELS: Readonly<Record<"S0" | "S1" | "S2" | "S3", string>> = {
  S0: "a VF is moved as it is, and nothing is asked of it",
  S1: "what is asked of a VF is requested and restored, not enforced",
  S2: "what is asked of a VF is kept by the driver of a function without hardware, and restored; not enforced",
  S3: "a VF of a NIC is moved by the cluster's own plugin; what is asked of it is not looked at",
};

/** Those of several attempts or cases, each once, in their order. */
export function mergeLevels(levels: readonly (readonly SriovLevel[] | undefined)[]): readonly SriovLevel[] {
  return [...new Set(levels.flatMap((one) => one ?? []))].toSorted((a, b) => a.localeCompare(b));
}
