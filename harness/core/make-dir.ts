import { mkdirSync, statSync } from "node:fs";
import path from "node:path";

/**
 * Makes a folder and those above it; one that is there is fine. Node's own `recursive` never returns where a folder that
 * exists takes none in, as /proc does: it is told ENOENT, and tries the folder above for ever.
 * @throws the system's error
 */
export function makeDir(dir: string): void {
  try {
    mkdirSync(dir);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST" && isDir(dir)) return;
    const parent = path.dirname(dir);
    if (code !== "ENOENT" || isDir(parent)) throw error;
    makeDir(parent);
    mkdirOnce(dir);
  }
}

/** Another process may have made it meanwhile. */
function mkdirOnce(dir: string): void {
  try {
    mkdirSync(dir);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST" || !isDir(dir)) throw error;
  }
}

function isDir(dir: string): boolean {
  return statSync(dir, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
