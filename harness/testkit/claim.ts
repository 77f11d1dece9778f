import { config } from "chai";
import { messageOf, PlumblineError } from "../core/errors.ts";
import { brokenClaims, type CaseFailure } from "../results/case-outcome.ts";

// Chai cuts values at 40 characters, which hides the one thing that differs between two routes.
config.truncateThreshold = 160;

/** Carries a CaseFailure through Mocha. */
export class ClaimError extends Error {
  readonly failure: CaseFailure;

  constructor(failure: CaseFailure, cause: unknown) {
    super(
      brokenClaims(failure)
        .map(({ message }) => message)
        .join("\n"),
      { cause },
    );
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

/**
 * Waits for claims of which none depends on another. Those that do not hold are told together: what is known of one would hide
 * the others, were the first the last that is looked at.
 */
export async function together(...claims: readonly Promise<void>[]): Promise<void> {
  const settled = await Promise.allSettled(claims);
  const thrown = settled.flatMap((one): readonly unknown[] => (one.status === "rejected" ? [one.reason] : []));
  const ours = thrown.find((error) => !isBroken(error));
  if (ours !== undefined) throw ours;
  const [first, ...others] = thrown.filter(isBroken);
  if (!first) return;
  const also = others.flatMap(({ failure }) => brokenClaims(failure));
  throw new ClaimError(also.length > 0 ? { ...first.failure, also } : first.failure, first.cause);
}

function isBroken(error: unknown): error is ClaimError {
  return error instanceof ClaimError && error.failure.kind === "subject";
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
