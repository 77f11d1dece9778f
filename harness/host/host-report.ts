/** `missing`: nothing works without it. `warning`: some things do not, or it may bite later. */
export type CheckState = "ok" | "missing" | "warning";

/** What `prepareHost` may do about a check. Anything else is left to the user, with the commands of `remedy`. */
export type Fix =
  | { readonly kind: "packages"; readonly names: readonly string[] }
  | { readonly kind: "sysctl"; readonly key: string; readonly value: number }
  | { readonly kind: "huge-pages" }
  | { readonly kind: "dockerd" };

/** One look at one property of the host, as data: the terminal and `--json` show the same. */
export interface HostCheck {
  /** Stable, for scripts: `docker-daemon`, `inotify-instances`. */
  readonly id: string;
  readonly title: string;
  readonly state: CheckState;
  /** What was seen, e.g. `Debian 12`, `128`. */
  readonly seen: string;
  /** Why it matters. */
  readonly why: string;
  /** Exact shell commands that put it right; empty if it is right, or if no command can. */
  readonly remedy: readonly string[];
  readonly fix?: Fix;
}

export interface HostReport {
  readonly checks: readonly HostCheck[];
  /** No check is `missing`. */
  readonly ready: boolean;
}

/** What a single check says; its id, title and reason are its recipe's. */
export interface Finding {
  readonly state: CheckState;
  readonly seen: string;
  readonly remedy?: readonly string[];
  readonly fix?: Fix;
}

/** A check as a recipe: who it is and how it looks. */
export interface CheckRecipe {
  readonly id: string;
  readonly title: string;
  readonly why: string;
  look(signal: AbortSignal | undefined): Promise<Finding>;
}

export function ok(seen: string): Finding {
  return { state: "ok", seen };
}

export function missing(seen: string, rest: Omit<Finding, "state" | "seen"> = {}): Finding {
  return { state: "missing", seen, ...rest };
}

export function warning(seen: string, rest: Omit<Finding, "state" | "seen"> = {}): Finding {
  return { state: "warning", seen, ...rest };
}

/** A finding that packages of the distribution put right. */
export function lacksPackages(seen: string, names: readonly string[]): Finding {
  return missing(seen, {
    fix: { kind: "packages", names },
    remedy: [`apt-get update && apt-get install -y --no-install-recommends ${names.join(" ")}`],
  });
}

/** Makes the report of its checks. */
export function hostReport(checks: readonly HostCheck[]): HostReport {
  return { checks, ready: checks.every((check) => check.state !== "missing") };
}

/** What may be done about the report's checks: about what is missing, and about warnings that something can be done about. */
export function fixesOf(report: HostReport): Fix[] {
  return report.checks.flatMap((check) => (check.state !== "ok" && check.fix ? [check.fix] : []));
}

/** The commands that are still to be typed, in the order of the checks and without repetition. */
export function remedies(report: HostReport): string[] {
  return [...new Set(report.checks.filter((c) => c.state === "missing").flatMap((c) => c.remedy))];
}
