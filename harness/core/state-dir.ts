import { mkdirSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";

/**
 * Folders outside any project: caches survive (`cache`), claims and kubeconfigs of clusters do too (`state`).
 * PLUMBLINE_HOME moves both, which the tests of the whole program use.
 */
export function homeDir(kind: "cache" | "state", ...parts: string[]): string {
  const own = process.env["PLUMBLINE_HOME"];
  const base = own
    ? path.join(own, kind)
    : kind === "cache"
      ? path.join(process.env["XDG_CACHE_HOME"] ?? path.join(homedir(), ".cache"), "plumbline")
      : path.join(process.env["XDG_STATE_HOME"] ?? path.join(homedir(), ".local", "state"), "plumbline");
  const dir = path.join(base, ...parts);
  mkdirSync(dir, { recursive: true });
  return dir;
}
