import { config } from "chai";
import { messageOf, PlumblineError } from "../core/errors.ts";
import type { CaseFailure } from "../results/case-outcome.ts";

// Chai cuts values at 40 characters, which hides the one thing that differs between two routes.
config.truncateThreshold = 160;

/** Carries a CaseFailure through Mocha. */
export class ClaimError extends Error {
  readonly failure: CaseFailure;

  constructor(failure: CaseFailure, cause: unknown) {
    super(failure.message, { cause });
    this.name = "ClaimError";
    this.failure = failure;
  }
}

/** Runs one demand of a case and turns what it throws into a failure under a stable name. */
export async function claim(caseId: string, assertion: string, check: () => void | Promise<void>): Promise<void> {
  try {
    await check();
  } catch (error) {
    throw error instanceof ClaimError ? error : new ClaimError(failureOf(error, `${caseId}/${assertion}`), error);
  }
}

/** What anything thrown in a case says about it: Chai's errors and subject errors blame the subject, the rest the harness. */
export function failureOf(error: unknown, assertion: string): CaseFailure {
  if (error instanceof ClaimError) return error.failure;
  if (isAssertion(error)) {
    const { actual, expected } = error;
    return { assertion, message: error.message, expected: expected ?? null, observed: actual ?? null, kind: "subject" };
  }
  if (error instanceof PlumblineError) {
    const observed = error.context["lastObservation"] ?? error.context["observed"] ?? null;
    const expected = error.context["expected"] ?? null;
    return { assertion, message: error.message, expected, observed, code: error.code, kind: error.kind };
  }
  return { assertion, message: messageOf(error), expected: null, observed: null, code: "PL_INTERNAL", kind: "harness" };
}

/** By name: a suite of a user has a Chai of its own, or takes node:assert. */
function isAssertion(error: unknown): error is Error & { actual?: unknown; expected?: unknown } {
  return error instanceof Error && error.name === "AssertionError";
}
