import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { sha256 } from "../core/json.ts";

export interface FileDigest {
  /** Relative to the folder of the record, forward slashes. */
  readonly path: string;
  readonly bytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
}

/** What the files of a record are known by: the events, and every file of the evidence, sorted by path. */
export interface RecordDigests {
  readonly events: FileDigest;
  readonly evidence: readonly FileDigest[];
}

/** Reads and digests all files of a record. @param dir the folder of the run, which has an `events.ndjson` */
export function recordDigests(dir: string): RecordDigests {
  return { events: digestOf(dir, "events.ndjson"), evidence: evidenceFiles(dir).map((file) => digestOf(dir, file)) };
}

/** Paths of all files below `evidence/`, named in an event or not, relative to the record and sorted. */
function evidenceFiles(dir: string): readonly string[] {
  const root = path.join(dir, "evidence");
  if (!existsSync(root)) return [];
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(dir, path.join(entry.parentPath, entry.name)).replaceAll(path.sep, "/"))
    .toSorted();
}

function digestOf(dir: string, file: string): FileDigest {
  const bytes = readFileSync(path.join(dir, file));
  return { path: file, bytes: bytes.length, sha256: sha256(bytes) };
}
