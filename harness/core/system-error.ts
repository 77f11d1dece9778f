import { hostError, messageOf, type PlumblineError } from "./errors.ts";

interface Refusal {
  readonly code: string;
  readonly what: string;
  readonly hint: string;
}

const DISK_FULL: Refusal = {
  code: "PL_DISK_FULL",
  what: "the disk is full",
  hint: "`df -h` shows where; `docker system df` tells what Docker holds, and `plumbline gc` removes what killed runs left",
};
const ACCESS: Refusal = {
  code: "PL_ACCESS",
  what: "the system does not let this user do that",
  hint: "run as root, or name a place that this user may write: --out DIR for records, PLUMBLINE_HOME for caches and state",
};
const LIMIT: Refusal = {
  code: "PL_SYSTEM_LIMIT",
  what: "a limit of the system is reached",
  hint: "`ulimit -a` and `free -m` show which; end what holds files or memory, and run again",
};

/** What the operating system answers when the host lacks or refuses something. */
const REFUSALS: Readonly<Record<string, Refusal>> = {
  ENOSPC: DISK_FULL,
  EDQUOT: DISK_FULL,
  EACCES: ACCESS,
  EPERM: ACCESS,
  EROFS: ACCESS,
  EMFILE: LIMIT,
  ENFILE: LIMIT,
  ENOMEM: LIMIT,
};

/**
 * The error of the host that something thrown by the operating system means.
 * @returns undefined if it is no such thing: a missing file may as well be a mistake of ours
 */
export function systemError(thrown: unknown): PlumblineError | undefined {
  if (!(thrown instanceof Error)) return undefined;
  const { code } = thrown as NodeJS.ErrnoException;
  const refusal = code === undefined ? undefined : REFUSALS[code];
  if (!refusal) return undefined;
  return hostError(refusal.code, `${refusal.what}: ${messageOf(thrown)}`, { hint: refusal.hint, cause: thrown });
}
