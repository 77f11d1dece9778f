/** Whose fault an error is. It decides the status of a case and the exit code, and is never guessed from text. */
export type ErrorKind = "usage" | "host" | "harness" | "subject";

export interface ErrorDetails {
  /** Stable code, `PL_...`; documented and never reused. */
  readonly code: string;
  readonly kind: ErrorKind;
  /** What failed, on what, and why; one or two sentences without a stack. */
  readonly message: string;
  /** What to do next. */
  readonly hint?: string | undefined;
  readonly cause?: unknown;
  /** Facts for the record: JSON only, no secrets. */
  readonly context?: Readonly<Record<string, unknown>> | undefined;
}

/** The root of every error that a user can meet. Programmer mistakes stay plain `Error`s. */
export class PlumblineError extends Error {
  readonly code: string;
  readonly kind: ErrorKind;
  readonly hint: string | undefined;
  readonly context: Readonly<Record<string, unknown>>;

  constructor(details: ErrorDetails) {
    super(details.message, { cause: details.cause });
    this.name = "PlumblineError";
    this.code = details.code;
    this.kind = details.kind;
    this.hint = details.hint;
    this.context = details.context ?? {};
  }
}

type Rest = Omit<ErrorDetails, "kind" | "code" | "message">;

/** The user's words or configuration are wrong: exit code 2. */
export function usageError(code: string, message: string, rest: Rest = {}): PlumblineError {
  return new PlumblineError({ ...rest, code, message, kind: "usage" });
}

/** The host lacks or refuses something: exit code 3. */
export function hostError(code: string, message: string, rest: Rest = {}): PlumblineError {
  return new PlumblineError({ ...rest, code, message, kind: "host" });
}

/** The harness, or something it drives that is not under test, broke: exit code 3. */
export function harnessError(code: string, message: string, rest: Rest = {}): PlumblineError {
  return new PlumblineError({ ...rest, code, message, kind: "harness" });
}

/** The subject under test broke a rule: the case is failed, exit code 1. */
export function subjectError(code: string, message: string, rest: Rest = {}): PlumblineError {
  return new PlumblineError({ ...rest, code, message, kind: "subject" });
}

/** A wait ran out. `lastObservation` is what was seen last, so that the reader need not run again. */
export class DeadlineError extends PlumblineError {
  readonly lastObservation: unknown;

  constructor(details: ErrorDetails & { readonly lastObservation: unknown }) {
    super(details);
    this.name = "DeadlineError";
    this.lastObservation = details.lastObservation;
  }
}

/** Text of anything thrown, one line, without a stack. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
