import type { CaseModel, LevelModel, RunModel } from "../../harness/results/model.ts";
import type { RecordDigests } from "../../harness/results/record-digests.ts";
import { proofOf } from "../proof.ts";
import type { ConformanceReport } from "./schema.ts";

type Level = NonNullable<NonNullable<ConformanceReport["profile"]>["core"]>;
type ReportedCase = ConformanceReport["cases"][number];

/** The whole answer of a run as data. Equal records give equal reports: cases, subjects and features are sorted. */
export function conformanceReport(model: RunModel, digests: RecordDigests): ConformanceReport {
  const { started, ended, times } = model;
  return {
    $schema: "conformance.schema.json",
    formatVersion: 1,
    runId: started.runId,
    startedAt: times.startedAt,
    endedAt: times.endedAt,
    complete: ended !== undefined,
    suite: { name: "plumbline", version: started.suiteVersion, digest: started.suiteDigest },
    subjects: model.subjects.toSorted((a, b) => order(a.name, b.name) || order(a.source, b.source)),
    environment: environmentOf(model),
    gate: gateOf(model),
    counts: model.counts,
    touched: model.touched.toSorted(order),
    ...optional("profile", profileOf(model)),
    cases: model.cases.toSorted((a, b) => order(a.id, b.id)).map(reportedCase),
    invariants: model.invariants.toSorted((a, b) => order(a.invariant, b.invariant)),
    deviations: model.deviations.toSorted((a, b) => order(a.id, b.id)),
    cleanupFailures: model.cleanupFailures,
    ...optional("interrupted", model.interrupted),
    ...optional("proof", reportedProof(model)),
    reproduce: started.command,
    digests,
  };
}

function gateOf({ started, ended }: RunModel): ConformanceReport["gate"] {
  const { baseline, strict } = started;
  return {
    ...optional("exitCode", ended?.exitCode),
    causes: ended?.causes ?? [],
    ...optional("strict", strict),
    ...optional(
      "baseline",
      baseline && { runId: baseline.runId, stack: baseline.stack, suiteDigest: baseline.suiteDigest },
    ),
  };
}

function reportedProof(model: RunModel): ConformanceReport["proof"] {
  const proof = proofOf(model);
  if (!proof) return undefined;
  const { faults, casesWithoutFault, seen } = proof;
  return { faults: faults.length, casesWithoutFault, ...optional("seen", seen) };
}

function environmentOf({ started, testbed }: RunModel): ConformanceReport["environment"] {
  return {
    host: started.host,
    stack: started.stack,
    ...optional("cluster", testbed?.cluster),
    nodes: testbed?.nodes ?? [],
    ...optional("reused", testbed?.reused),
    ...optional("facts", testbed?.facts),
    features: (testbed?.features ?? []).toSorted((a, b) => order(a.name, b.name)),
  };
}

function profileOf({ started, core, extended }: RunModel): ConformanceReport["profile"] {
  if (!started.profile) return undefined;
  return {
    name: started.profile.name,
    ...optional("core", core && levelOf(core)),
    ...optional("extended", extended && levelOf(extended)),
  };
}

/** A level without cases has no answer, and is left out. */
function levelOf({ ids, counts, notSelected, notApplicable, conformance }: LevelModel): Level | undefined {
  return conformance && { conformance, cases: ids.length, statistics: counts, notSelected, notApplicable };
}

function reportedCase(entry: CaseModel): ReportedCase {
  const { verdict, shown, attempts } = entry;
  return {
    id: entry.id,
    revision: entry.revision,
    title: entry.title,
    suite: entry.suite,
    level: entry.level,
    status: verdict.status,
    reason: verdict.reason,
    touched: verdict.touched,
    via: verdict.via,
    ...optional("deviation", verdict.deviation),
    ...optional("alsoKnown", verdict.alsoKnown),
    ...optional("skip", verdict.skip),
    ...optional("inBaseline", verdict.inBaseline),
    durationMs: Math.round(entry.durationMs),
    attempts: attempts.length,
    ...optional("sriovLevels", entry.sriovLevels.length > 0 ? entry.sriovLevels : undefined),
    clauses: entry.clauses.map(({ id, spec, section, level, url }) => ({ id, spec, section, level, url })),
    ...optional("failure", shown?.failure),
    violations: entry.violations.map(({ violation, madeBy }) => ({ ...violation, madeBy })),
    pods: [...new Set(attempts.flatMap(({ pods }) => pods))],
    evidence: entry.evidence,
    ...optional("faults", entry.faults),
  };
}

/** A property that is left out where there is no value. */
function optional<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return (value === undefined ? {} : { [key]: value }) as { [P in K]?: V };
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
