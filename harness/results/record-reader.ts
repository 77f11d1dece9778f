import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { messageOf, usageError } from "../core/errors.ts";
import { runEventSchema, type RunEvent } from "./events.ts";

export interface RunRecord {
  readonly dir: string;
  readonly events: readonly RunEvent[];
  /** Set if the last line was cut off, which happens when the machine dies: the number of that line. */
  readonly truncatedAtLine?: number;
}

/**
 * Reads the record of a run strictly: each line must be an event and follow the one before it.
 * @param dir the folder of the run, or the file `events.ndjson` in it
 * @throws PlumblineError PL_RECORD_MISSING, PL_RECORD_UNREADABLE, or PL_RECORD_BROKEN with the number of the line
 */
export function readRecord(dir: string): RunRecord {
  const file = dir.endsWith(".ndjson") ? dir : path.join(dir, "events.ndjson");
  if (!existsSync(file)) {
    throw usageError("PL_RECORD_MISSING", `${file} does not exist`, { hint: "give the folder of a run" });
  }
  return { dir: path.dirname(file), ...parseEvents(readText(file), file) };
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw usageError("PL_RECORD_UNREADABLE", `the record ${file} cannot be read: ${messageOf(cause)}`, {
      hint: "give the folder of a run, which this user may read",
      cause,
    });
  }
}

/**
 * The events of an NDJSON text.
 * @param name what errors call the text
 * @throws PlumblineError PL_RECORD_BROKEN
 */
export function parseEvents(text: string, name: string): Omit<RunRecord, "dir"> {
  const lines = text.split("\n");
  // what follows the last newline is a line that was never finished, or nothing
  const rest = lines.pop() ?? "";
  const events = lines.map((line, i) => parseLine(line, { number: i + 1, name }));
  const isCut = rest !== "";
  if (events.length === 0 && isCut) {
    throw broken({ name, number: 1 }, "the record is cut off in its first line: there is nothing in it");
  }
  if (events[0]?.type !== "run-started") throw broken({ name, number: 1 }, "a record begins with run-started");
  return { events, ...(isCut ? { truncatedAtLine: lines.length + 1 } : {}) };
}

interface Place {
  readonly number: number;
  readonly name: string;
}

function parseLine(line: string, place: Place): RunEvent {
  let data: unknown;
  try {
    data = JSON.parse(line);
  } catch (cause) {
    throw broken(place, "no JSON", cause);
  }
  const parsed = runEventSchema.safeParse(data);
  if (!parsed.success) throw broken(place, z.prettifyError(parsed.error), parsed.error);
  const expected = place.number - 1;
  if (parsed.data.seq !== expected) {
    throw broken(place, `seq is ${parsed.data.seq}, expected ${expected}: lines are missing or double`);
  }
  return parsed.data;
}

function broken({ name, number }: Place, why: string, cause?: unknown): Error {
  return usageError("PL_RECORD_BROKEN", `${name}:${number}: ${why}`, {
    hint: "a record is never changed after its run, and is read by the version that wrote it; take another, or run again",
    cause,
  });
}
