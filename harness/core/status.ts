/** The status of a case. See design.md, "Status of a case". */
export type CaseStatus = "passed" | "failed" | "known" | "fixed" | "skipped" | "error" | "flaky";

export const CASE_STATUSES: readonly CaseStatus[] = ["passed", "failed", "known", "fixed", "skipped", "error", "flaky"];

/** Why a case did not run; shown in every report. */
export const SKIP_CODES = [
  "SKIP_KERNEL", // the kernel lacks a driver or option
  "SKIP_FEATURE", // the testbed lacks a feature, e.g. a second node
  "SKIP_STACK", // the case does not apply to this stack or mode
  "SKIP_DISRUPTIVE", // the case disturbs a cluster that is the user's, and that was not allowed
  "SKIP_UNCONFIGURED", // the case needs an interface or ranges that the user's configuration does not name
  "SKIP_PLUGIN_ROLE", // the case has nothing to ask a plugin under test of this role, or of what its network declares
  "SKIP_FAIL_FAST", // an earlier case failed, and the run was to stop there
  "SKIP_INTERRUPTED", // the run ended before the case began
] as const;

/** Exit codes of the gate. */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  error: 3,
  nothingRan: 4,
  cleanupFailed: 5,
  interrupted: 130,
  terminated: 143,
} as const;
