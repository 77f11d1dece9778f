import { existsSync, readdirSync, realpathSync, statSync } from "node:fs";
import path from "node:path";
import { usageError } from "../core/errors.ts";

/** A record that was named, or found in a folder that was. */
export interface FoundRecord {
  readonly dir: string;
  /** Named itself: what is wrong with it then matters. */
  readonly named: boolean;
}

/** Records of jobs lie in a folder each, e.g. `records/shard-1/RUN`. */
const DEEPEST = 3;

/**
 * The folders of records behind arguments: each a record, or a folder with records below it. Each is found once. Folders
 * whose names begin with a dot are left out.
 * @throws PlumblineError PL_RECORD_MISSING (usage) for an argument in which there is none
 */
export function findRecords(names: readonly string[]): readonly FoundRecord[] {
  const found = new Map<string, FoundRecord>();
  for (const name of names) {
    const here = existsSync(path.join(name, "events.ndjson")) ? [name] : recordsBelow(name, DEEPEST);
    if (here.length === 0) {
      throw usageError("PL_RECORD_MISSING", `there is no record in ${name}`, {
        hint: "give folders of runs, each with an events.ndjson, or a folder in which they lie",
      });
    }
    for (const dir of here) {
      const real = realpathSync(dir);
      if (!found.get(real)?.named) found.set(real, { dir: real, named: dir === name });
    }
  }
  return [...found.values()];
}

function recordsBelow(folder: string, levels: number): readonly string[] {
  if (levels === 0 || !statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return [];
  const folders = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith("."))
    .map(({ name }) => path.join(folder, name))
    .toSorted();
  return folders.flatMap((dir) =>
    existsSync(path.join(dir, "events.ndjson")) ? [dir] : recordsBelow(dir, levels - 1),
  );
}
