import { z } from "zod";
import { signatureSchema } from "../plan/deviations.ts";
import { caseIdSchema, list } from "./case-outcome.ts";

/**
 * By which rules verdicts are made. With these a violation that an entry documents is charged to the case of the entry,
 * chosen or not; older records name no rules, and have it charged to the cases whose pod it is where that case did not run.
 */
export const JUDGING = 2;
export const judgingSchema = z.literal(JUDGING);
export type Judging = z.infer<typeof judgingSchema>;

export const subjectSchema = z.object({
  name: z.string(),
  version: z.string(),
  /** Set for what the run was asked to qualify. */
  role: z.literal("under test").optional(),
  origin: z.enum(["upstream", "built here", "own", "given", "found"]),
  source: z.string(),
  digest: z.string(),
  changes: list(z.string()),
});

export const hostSchema = z.object({
  os: z.string(),
  kernel: z.string(),
  cpus: z.number().int().nonnegative(),
  memoryBytes: z.number().int().nonnegative(),
  nodeVersion: z.string(),
});

/** What deviations are chosen by. Versions by component name, as the subjects have them, e.g. `{multus: "v4.3.0"}`. */
export const stackFactsSchema = z.object({
  versions: z.record(z.string(), z.string()),
  mode: z.enum(["thick", "thin"]),
  defaultNetwork: z.string(),
  /** CNI version of the configurations that Multus hands on, e.g. `1.0.0`. */
  cniVersion: z.string(),
});
export type StackFacts = z.infer<typeof stackFactsSchema>;

export const featureSchema = z.object({ name: z.string(), present: z.boolean(), evidence: z.string() });

/** What reports say of a case that was chosen, whether or not it came to run. */
export const plannedCaseSchema = z.object({
  id: caseIdSchema,
  revision: z.number().int().positive(),
  title: z.string(),
  suite: z.string(),
  /** Where the case runs, see "layer" in ARCHITECTURE.md; older records lack it. */
  layer: z.enum(["L0", "L1", "L2", "L3"]).optional(),
  /** From the profile; `extended` for a case outside it. */
  level: z.enum(["core", "extended"]),
  clauses: list(z.string()),
  /** Ids of the planted faults that the case must notice; absent in older records. */
  faults: list(z.string()).optional(),
});
export type PlannedCase = z.infer<typeof plannedCaseSchema>;

/** A clause as the reports cite it: the record must tell all, since reports load no fixtures. */
export const citedClauseSchema = z.object({
  id: z.string(),
  spec: z.string(),
  section: z.string(),
  level: z.enum(["MUST", "SHOULD", "feature"]),
  statement: z.string(),
  url: z.string(),
});
export type CitedClause = z.infer<typeof citedClauseSchema>;

/** A deviation entry that applied to this testbed when the run was judged. */
export const citedDeviationSchema = z.object({
  id: z.string(),
  case: caseIdSchema,
  title: z.string(),
  issue: z.string().optional(),
  note: z.string(),
  /** What it excuses, so that the verdicts can be judged again from the record; absent in older records. */
  signature: signatureSchema.optional(),
});
export type CitedDeviation = z.infer<typeof citedDeviationSchema>;

/** The profile in full, so that the report can say what of it was left out. */
export const recordedProfileSchema = z.object({
  name: z.string(),
  core: list(caseIdSchema),
  extended: list(caseIdSchema),
});
export type RecordedProfile = z.infer<typeof recordedProfileSchema>;

/** What `plumbline prove` had seen of this very suite on this stack when the run began. */
export const seenProofSchema = z.object({
  suiteDigest: z.string(),
  stack: z.string(),
  /** Ids of faults which exactly the cases noticed that should, for the reason that they name. */
  proven: list(z.string()),
  notProven: list(z.string()),
});
export type SeenProof = z.infer<typeof seenProofSchema>;

/** An earlier run, as far as it excuses what does not hold in this one either. */
export const baselineSchema = z.object({
  runId: z.string(),
  stack: z.string(),
  suiteDigest: z.string(),
  cases: list(z.object({ id: caseIdSchema, revision: z.number().int().positive(), failures: list(z.string()) })),
});
export type Baseline = z.infer<typeof baselineSchema>;

/** One combination of a matrix. Values in words, by axis. */
const matrixCellSchema = z.object({ id: z.string(), values: z.record(z.string(), z.string()) });

/** Of which plan a run is a cell. */
export const matrixFactsSchema = z.object({
  /** `sha256:...` over the cells, the suites and what is run: only records of one plan are merged. */
  plan: z.string(),
  cell: z.string(),
  /** All cells of the plan, so that those without a record are missed. */
  cells: list(matrixCellSchema),
  /** `2/3` where the plan was run in parts. */
  shard: z.string().optional(),
});
export type MatrixFacts = z.infer<typeof matrixFactsSchema>;
