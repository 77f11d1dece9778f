import type { RunModel } from "../harness/results/model.ts";
import type { SeenProof } from "../harness/results/run-facts.ts";

/** What shows that the cases of a run can fail. */
export interface Proof {
  /** Planted faults that these cases must notice. */
  readonly faults: readonly string[];
  readonly casesWithoutFault: readonly string[];
  /** What was seen of these faults before the run, by the same suite on the same stack; undefined: nothing is known. */
  readonly seen: SeenProof | undefined;
}

/** Undefined for a record that is older than what it rests on. */
export function proofOf({ started }: RunModel): Proof | undefined {
  const { planned, proof } = started;
  if (planned.some(({ faults }) => faults === undefined)) return undefined;
  const faults = [...new Set(planned.flatMap((entry) => entry.faults ?? []))].toSorted();
  const ofThese = (ids: readonly string[]): readonly string[] => ids.filter((id) => faults.includes(id)).toSorted();
  return {
    faults,
    casesWithoutFault: planned.filter((entry) => entry.faults?.length === 0).map(({ id }) => id),
    seen: proof && { ...proof, proven: ofThese(proof.proven), notProven: ofThese(proof.notProven) },
  };
}

/** `12 planted faults for these cases: 11 seen noticed on ptp-thick, 1 not tried` */
export function proofText(model: RunModel): string | undefined {
  const proof = proofOf(model);
  if (!proof || proof.faults.length === 0) return undefined;
  const { faults, seen, casesWithoutFault } = proof;
  const count = `${faults.length} planted fault${faults.length === 1 ? "" : "s"} for these cases`;
  const bare = casesWithoutFault.length > 0 ? `; without one: ${casesWithoutFault.join(", ")}` : "";
  if (!seen) return `${count}, not tried on ${model.started.stack} as far as this run knows (plumbline prove)${bare}`;
  const untried = faults.length - seen.proven.length - seen.notProven.length;
  const parts = [
    `${seen.proven.length} seen noticed on ${seen.stack}`,
    ...(seen.notProven.length > 0 ? [`${seen.notProven.length} not noticed as they should be`] : []),
    ...(untried > 0 ? [`${untried} not tried`] : []),
  ];
  return `${count}: ${parts.join(", ")}${bare}`;
}
