import type { RegisteredSuite } from "./define.ts";
import { needsOf } from "./needs.ts";

/** A case as the index has it; the shape is plan/'s CaseIndexEntry. */
export interface CollectedCase {
  readonly id: string;
  readonly revision: number;
  readonly title: string;
  readonly suite: string;
  readonly file: string;
  readonly clauses: readonly string[];
  readonly features: readonly string[];
  readonly faults: readonly string[];
  readonly disturbs: "nothing" | "node" | "cluster";
  readonly layer: "L0" | "L1" | "L2" | "L3";
  readonly level: "core" | "extended";
  /** Pods that the case declares: what batches are packed by. */
  readonly pods: readonly string[];
}

/** What suites declare, as data: the source of the case index. @param file path in the package, without extension */
export function collectCases(suites: readonly RegisteredSuite[], file: string): readonly CollectedCase[] {
  return suites.flatMap((suite) =>
    suite.cases.map(({ definition }) => ({
      id: definition.id,
      revision: definition.revision,
      title: definition.title,
      suite: suite.title,
      file,
      clauses: definition.clauses,
      features: needsOf(definition),
      faults: definition.faults,
      disturbs: definition.disturbs ?? "nothing",
      layer: definition.layer,
      level: definition.level ?? "core",
      pods: Object.values(definition.pods).map((pod) => pod.key),
    })),
  );
}
