import { z } from "zod";
import {
  caseFailureSchema,
  caseIdSchema,
  caseOutcomeSchema,
  caseStatusSchema,
  list,
  skipReasonSchema,
  violationSchema,
} from "./case-outcome.ts";
import {
  baselineSchema,
  citedClauseSchema,
  citedDeviationSchema,
  featureSchema,
  hostSchema,
  judgingSchema,
  matrixFactsSchema,
  plannedCaseSchema,
  recordedProfileSchema,
  seenProofSchema,
  stackFactsSchema,
  subjectSchema,
} from "./run-facts.ts";
import { sriovLevelSchema } from "./sriov-levels.ts";

/** Every line of the record: its place in it, and when the parent wrote it. */
const line = { seq: z.number().int().nonnegative(), at: z.iso.datetime() };
const durationMs = z.number().nonnegative();
/** Paths of files, relative to the folder of the record, with forward slashes. */
const evidence = list(z.string());

const runStarted = z.object({
  ...line,
  type: z.literal("run-started"),
  runId: z.string(),
  suiteVersion: z.string(),
  suiteDigest: z.string(),
  /** argv of the program, without node and script. */
  command: list(z.string()),
  host: hostSchema,
  stack: z.string(),
  /** Set for a cell of a matrix. */
  matrix: matrixFactsSchema.optional(),
  profile: recordedProfileSchema.optional(),
  /** Ids of the chosen cases, in the order of the index. */
  selection: list(caseIdSchema),
  planned: list(plannedCaseSchema),
  clauses: list(citedClauseSchema),
  judging: judgingSchema.optional(),
  /** Whether a known deviation fails the run. */
  strict: z.boolean().optional(),
  /** The run whose failures do not fail this one. */
  baseline: baselineSchema.optional(),
  /** Absent where nothing is known. */
  proof: seenProofSchema.optional(),
});

const subject = z.object({ ...line, type: z.literal("subject"), subject: subjectSchema });

const testbed = z.object({
  ...line,
  type: z.literal("testbed"),
  cluster: z.string(),
  nodes: list(z.string()),
  features: list(featureSchema),
  reused: z.boolean(),
  facts: stackFactsSchema,
  /** Entries of fixtures/deviations.yaml that apply to these facts. */
  deviations: list(citedDeviationSchema),
});

const phase = z.object({
  ...line,
  type: z.literal("phase"),
  title: z.string(),
  /** Titles of the phases around it, outermost first. */
  parents: list(z.string()).optional(),
  status: z.enum(["done", "skipped", "failed"]),
  durationMs,
  detail: z.string().optional(),
});

const caseStarted = z.object({
  ...line,
  type: z.literal("case-started"),
  caseId: caseIdSchema,
  lane: z.number().int().nonnegative(),
});

const caseEnded = z.object({
  ...line,
  type: z.literal("case-ended"),
  caseId: caseIdSchema,
  revision: z.number().int().positive(),
  title: z.string(),
  lane: z.number().int().nonnegative(),
  outcome: caseOutcomeSchema,
  durationMs,
  clauses: list(z.string()),
  /** Levels of simulated SR-IOV that it ran on; absent for a case without VFs, and in older records. */
  sriovLevels: list(sriovLevelSchema).optional(),
  /** `namespace/name` of every pod that was made for the case. */
  pods: list(z.string()),
  failure: caseFailureSchema.optional(),
  skip: skipReasonSchema.optional(),
  evidence,
});

const violation = z.object({
  ...line,
  type: z.literal("violation"),
  violation: violationSchema,
  /** The cases whose pod it is. */
  madeBy: list(caseIdSchema),
  evidence,
});

const count = z.number().int().nonnegative();
const invariantSummary = z.object({
  ...line,
  type: z.literal("invariant-summary"),
  invariant: z.string(),
  pods: count,
  checks: count,
  violations: count,
});

const verdict = z.object({
  ...line,
  type: z.literal("verdict"),
  caseId: caseIdSchema,
  status: caseStatusSchema,
  /** One sentence: why it has this status. */
  reason: z.string(),
  /** Id of the deviation entry, for `known` and `fixed`. */
  deviation: z.string().optional(),
  /** Ids of further entries, where several claims did not hold and each is known. */
  alsoKnown: list(z.string()).optional(),
  /** A pod of the case broke an invariant whose clause another case carries. */
  touched: z.boolean(),
  via: z.enum(["case", "invariant"]),
  skip: skipReasonSchema.optional(),
  /** All that did not hold did not hold in the baseline either, so it does not fail the run. */
  inBaseline: z.boolean().optional(),
});

/** What differs on a node after the run and is not foreign or volatile by rule: shown, never dropped. */
const ledger = z.object({
  ...line,
  type: z.literal("ledger"),
  node: z.string(),
  items: list(
    z.object({
      kind: z.string(),
      key: z.string(),
      change: z.enum(["added", "removed", "changed"]),
      class: z.string(),
      reason: z.string(),
    }),
  ),
  /** Items that are foreign or volatile by rule. */
  setAside: count,
});

const cleanupFailed = z.object({ ...line, type: z.literal("cleanup-failed"), message: z.string() });

const interrupted = z.object({
  ...line,
  type: z.literal("interrupted"),
  signal: z.enum(["SIGINT", "SIGTERM", "SIGHUP"]),
});

const runEnded = z.object({
  ...line,
  type: z.literal("run-ended"),
  exitCode: z.number().int(),
  /** Every cause of the exit code, the deciding one first. */
  causes: list(z.string()),
  counts: z.record(caseStatusSchema, count),
  /** The error that ended the run outside any case. */
  aborted: z.object({ kind: z.enum(["usage", "host", "harness", "subject"]), message: z.string() }).optional(),
});

/** One line of `events.ndjson`. The record is the only thing between running and reporting. */
export const runEventSchema = z.discriminatedUnion("type", [
  runStarted,
  subject,
  testbed,
  phase,
  caseStarted,
  caseEnded,
  violation,
  invariantSummary,
  verdict,
  ledger,
  cleanupFailed,
  interrupted,
  runEnded,
]);

export type RunEvent = z.infer<typeof runEventSchema>;
export type RunEventType = RunEvent["type"];
export type EventOf<T extends RunEventType> = Extract<RunEvent, { type: T }>;

/** The events of one type, in their order. */
export function eventsOf<T extends RunEventType>(events: readonly RunEvent[], type: T): readonly EventOf<T>[] {
  return events.filter((event): event is EventOf<T> => event.type === type);
}

type WithoutLine<E> = E extends RunEvent ? Omit<E, "seq" | "at"> : never;
/** What a lane or the parent hands to the writer, which adds `seq` and `at`. */
export type RunEventBody = WithoutLine<RunEvent>;
export type BodyOf<T extends RunEventType> = Extract<RunEventBody, { type: T }>;

export type CaseEnd = BodyOf<"case-ended">;
export type ViolationFound = BodyOf<"violation">;
export type Verdict = BodyOf<"verdict">;

/** Ids of the deviation entries that a verdict rests on. */
export function entriesOf({ deviation, alsoKnown = [] }: Verdict): readonly string[] {
  return deviation === undefined ? [] : [deviation, ...alsoKnown];
}

/** JSON Schema (2020-12) of one line of `events.ndjson`; shipped as `schemas/events.schema.json`. */
export function eventsJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(runEventSchema, { target: "draft-2020-12", reused: "inline" });
  return { ...schema, title: "One line of a Plumbline run record (events.ndjson)" };
}
