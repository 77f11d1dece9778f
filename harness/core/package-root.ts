import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

function find(): string {
  for (let dir = path.dirname(fileURLToPath(import.meta.url)); ; dir = path.dirname(dir)) {
    if (existsSync(path.join(dir, "package.json")) && existsSync(path.join(dir, "fixtures"))) return dir;
    if (dir === path.dirname(dir))
      throw new Error("the package is incomplete: no package.json with fixtures/ above the code");
  }
}

/** The folder of the installed package; fixtures, schemas and program sources lie in it, compiled or not. */
export const packageRoot: string = find();

/** Path of a shipped data file or folder, e.g. `packageFile("fixtures", "stacks")`. */
export function packageFile(...parts: string[]): string {
  return path.join(packageRoot, ...parts);
}

export function packageVersion(): string {
  const parsed: unknown = JSON.parse(readFileSync(packageFile("package.json"), "utf8"));
  return (parsed as { version: string }).version;
}
