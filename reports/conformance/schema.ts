import { z } from "zod";
import {
  caseFailureSchema,
  caseIdSchema,
  caseStatusSchema,
  list,
  skipReasonSchema,
  violationSchema,
} from "../../harness/results/case-outcome.ts";
import {
  citedDeviationSchema,
  featureSchema,
  hostSchema,
  seenProofSchema,
  stackFactsSchema,
  subjectSchema,
} from "../../harness/results/run-facts.ts";
import { sriovLevelSchema } from "../../harness/results/sriov-levels.ts";

const count = z.number().int().nonnegative();
const conformanceSchema = z.enum(["conformant", "not-conformant", "incomplete"]);
const countsSchema = z.strictObject({
  passed: count,
  failed: count,
  known: count,
  fixed: count,
  skipped: count,
  error: count,
  flaky: count,
});

const levelSchema = z.strictObject({
  conformance: conformanceSchema,
  cases: count,
  /** Of the cases that were chosen; with `notSelected` they add up to `cases`. */
  statistics: countsSchema,
  notSelected: list(caseIdSchema),
  /** Not among `cases`: they have nothing to ask a plugin under test of its role. */
  notApplicable: list(caseIdSchema),
});

const caseSchema = z.strictObject({
  id: caseIdSchema,
  revision: z.number().int().positive(),
  title: z.string(),
  suite: z.string(),
  level: z.enum(["core", "extended"]),
  status: caseStatusSchema,
  reason: z.string(),
  /** A pod of the case broke an invariant whose clause another case carries. */
  touched: z.boolean(),
  /** Whether an assertion of the case decided, or an invariant. */
  via: z.enum(["case", "invariant"]),
  deviation: z.string().optional(),
  /** Ids of further entries, where several claims did not hold and each is known. */
  alsoKnown: list(z.string()).optional(),
  skip: skipReasonSchema.optional(),
  /** It failed as it failed in the baseline, so it does not fail the run; its status and the conformance stay. */
  inBaseline: z.boolean().optional(),
  durationMs: count,
  attempts: count,
  /** Levels of simulated SR-IOV that it ran on; absent for a case without VFs. At S1 requested, never enforced. */
  sriovLevels: list(sriovLevelSchema).optional(),
  clauses: list(
    z.strictObject({ id: z.string(), spec: z.string(), section: z.string(), level: z.string(), url: z.string() }),
  ),
  failure: caseFailureSchema.optional(),
  violations: list(z.object({ ...violationSchema.shape, madeBy: list(caseIdSchema) })),
  pods: list(z.string()),
  evidence: list(z.string()),
  /** Planted faults that the case must notice. */
  faults: list(z.string()).optional(),
});

const proofSchema = z.strictObject({
  /** Planted faults that the cases of this run must notice. */
  faults: count,
  casesWithoutFault: list(caseIdSchema),
  /** What `plumbline prove` had seen of them, by this suite on this stack; absent where nothing is known. */
  seen: z.strictObject(seenProofSchema.shape).optional(),
});

const digestSchema = z.strictObject({
  /** Relative to the folder of the record. */
  path: z.string(),
  bytes: count,
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

/** `conformance.json`. Versions only grow: a reader of version 1 can read every report with `formatVersion` 1. */
export const conformanceReportSchema = z.strictObject({
  $schema: z.string(),
  formatVersion: z.literal(1),
  runId: z.string(),
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime(),
  /** False if the record stops before the end of the run. */
  complete: z.boolean(),
  suite: z.strictObject({ name: z.literal("plumbline"), version: z.string(), digest: z.string() }),
  subjects: list(subjectSchema),
  environment: z.strictObject({
    host: hostSchema,
    stack: z.string(),
    cluster: z.string().optional(),
    nodes: list(z.string()),
    reused: z.boolean().optional(),
    facts: stackFactsSchema.optional(),
    features: list(featureSchema),
  }),
  gate: z.strictObject({
    exitCode: z.number().int().optional(),
    causes: list(z.string()),
    /** Whether a known deviation fails the run. */
    strict: z.boolean().optional(),
    /** The run whose failures do not fail this one. */
    baseline: z.strictObject({ runId: z.string(), stack: z.string(), suiteDigest: z.string() }).optional(),
  }),
  counts: countsSchema,
  touched: list(caseIdSchema),
  profile: z
    .strictObject({ name: z.string(), core: levelSchema.optional(), extended: levelSchema.optional() })
    .optional(),
  cases: list(caseSchema),
  invariants: list(z.strictObject({ invariant: z.string(), pods: count, checks: count, violations: count })),
  deviations: list(
    z.strictObject({ ...citedDeviationSchema.shape, seenIn: list(caseIdSchema), fixedIn: list(caseIdSchema) }),
  ),
  cleanupFailures: list(z.string()),
  interrupted: z.string().optional(),
  /** What shows that the cases can fail; absent for older records. */
  proof: proofSchema.optional(),
  /** argv of the same run. */
  reproduce: list(z.string()),
  /** What the record is known by: `plumbline verify` holds its files against this. */
  digests: z.strictObject({ events: digestSchema, evidence: list(digestSchema) }),
});
export type ConformanceReport = z.infer<typeof conformanceReportSchema>;

export const CONFORMANCE_SCHEMA_ID = "urn:plumbline:conformance-report:1";

/** JSON Schema (2020-12) of `conformance.json`; shipped as `schemas/conformance.schema.json`. */
export function conformanceJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(conformanceReportSchema, { target: "draft-2020-12", reused: "inline" });
  return { ...schema, $id: CONFORMANCE_SCHEMA_ID, title: "Plumbline conformance report" };
}
