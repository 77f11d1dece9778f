import { homedir } from "node:os";
import path from "node:path";
import { hostError, messageOf } from "./errors.ts";
import { makeDir } from "./make-dir.ts";
import { systemError } from "./system-error.ts";

/**
 * Folders outside any project: caches survive (`cache`), claims and kubeconfigs of clusters do too (`state`).
 * PLUMBLINE_HOME moves both, which the tests of the whole program use.
 * @throws PlumblineError PL_HOME, PL_DISK_FULL, PL_ACCESS (host)
 */
export function homeDir(kind: "cache" | "state", ...parts: string[]): string {
  const own = process.env["PLUMBLINE_HOME"];
  const base = own
    ? path.join(own, kind)
    : kind === "cache"
      ? path.join(process.env["XDG_CACHE_HOME"] ?? path.join(homedir(), ".cache"), "plumbline")
      : path.join(process.env["XDG_STATE_HOME"] ?? path.join(homedir(), ".local", "state"), "plumbline");
  const dir = path.join(base, ...parts);
  try {
    makeDir(dir);
  } catch (cause) {
    const hint = "PLUMBLINE_HOME names another place for caches and state";
    throw (
      systemError(cause) ??
      hostError("PL_HOME", `the folder ${dir} cannot be made: ${messageOf(cause)}`, { hint, cause })
    );
  }
  return dir;
}
