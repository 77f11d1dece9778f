import { z } from "zod";
import { SKIP_CODES } from "../core/status.ts";

/** A list that nobody changes after it was read or written. */
export function list<T extends z.ZodType>(item: T): z.ZodReadonly<z.ZodArray<T>> {
  return z.array(item).readonly();
}

export const caseIdSchema = z.string().regex(/^[A-Z]{2,5}-\d{3}$/, "a case id such as ATT-003");

/** What one attempt at a case came to, before deviations and invariants are judged. */
export const caseOutcomeSchema = z.enum(["passed", "failed", "skipped", "error"]);
export type CaseOutcome = z.infer<typeof caseOutcomeSchema>;

export const caseStatusSchema = z.enum(["passed", "failed", "known", "fixed", "skipped", "error", "flaky"]);

export const skipReasonSchema = z.object({
  code: z.enum(SKIP_CODES),
  text: z.string(),
});

/** One claim that did not hold. `expected` and `observed` are JSON, so that a deviation's signature can be held against them. */
const brokenClaimSchema = z.object({
  /** Stable id of the assertion, `<case>/<what>`, e.g. `RTE-001/one-default-route`. */
  assertion: z.string(),
  message: z.string(),
  expected: z.unknown(),
  observed: z.unknown(),
  /** Code of the PlumblineError, where one was thrown. */
  code: z.string().optional(),
  /** Whose fault it is: `subject` fails the case, anything else is an error of ours or the host's. */
  kind: z.enum(["usage", "host", "harness", "subject"]),
  hint: z.string().optional(),
});

/** Why a case failed: the claim that did not hold, and those beside it of which none depends on another. */
export const caseFailureSchema = brokenClaimSchema.extend({
  also: list(brokenClaimSchema).optional(),
});
export type BrokenClaim = z.infer<typeof brokenClaimSchema>;
export type CaseFailure = z.infer<typeof caseFailureSchema>;

/** All claims that did not hold. */
export function brokenClaims({ also = [], ...first }: CaseFailure): readonly BrokenClaim[] {
  return [first, ...also];
}

/** One broken invariant on one pod; the same shape as in `harness/verdicts`, which this room stands above. */
export const violationSchema = z.object({
  /** e.g. `four-sources`, `no-residue` */
  invariant: z.string(),
  /** The case whose clause the violation breaks. */
  clauseCase: caseIdSchema,
  /** `namespace/name` */
  pod: z.string(),
  /** What is wrong, as in `net1 address 10.1.1.7` or `/var/lib/cni/networks/net-a/10.1.1.7`. */
  thing: z.string(),
  expected: z.unknown(),
  observed: z.unknown(),
  message: z.string(),
});
export type RecordedViolation = z.infer<typeof violationSchema>;

/** The id under which a deviation may name a violation: `<case>/<invariant>`. */
export function violationAssertion(violation: Pick<RecordedViolation, "clauseCase" | "invariant">): string {
  return `${violation.clauseCase}/${violation.invariant}`;
}
