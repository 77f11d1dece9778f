import { closeSync, fsyncSync, ftruncateSync, openSync, renameSync, rmSync, symlinkSync, writeSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { harnessError, hostError, messageOf, PlumblineError, usageError } from "../core/errors.ts";
import { makeDir } from "../core/make-dir.ts";
import { systemError } from "../core/system-error.ts";
import { runEventSchema, type RunEvent, type RunEventBody } from "./events.ts";
import { redactJson } from "./redact.ts";

export interface RecordPlace {
  /** Folder of all records; gets a link `latest`. */
  readonly outDir: string;
  /** Name of the folder of this run. */
  readonly runId: string;
  readonly now?: () => Date;
}

/**
 * Writes the record of one run: `events.ndjson`, one event a line, and the folder `evidence`. There is one writer, in the
 * parent; lanes send it their events, so that no two processes append to one file. Each line is handed to the kernel
 * before `write` returns: it survives the death of this process, and `close` brings it to the disk.
 */
export class RecordWriter {
  readonly dir: string;
  readonly #file: number;
  readonly #now: () => Date;
  #seq = 0;
  #sizeBytes = 0;
  #isOpen = true;

  private constructor(dir: string, file: number, now: () => Date) {
    this.dir = dir;
    this.#file = file;
    this.#now = now;
  }

  /**
   * @throws PlumblineError PL_OUT (usage) if nothing can be written there; PL_DISK_FULL (host); PL_RECORD_EXISTS if a run
   *   of that id has been recorded there
   */
  static create({ outDir, runId, now = () => new Date() }: RecordPlace): RecordWriter {
    const dir = path.join(outDir, runId);
    try {
      makeDir(path.join(dir, "evidence"));
      const file = openNew(path.join(dir, "events.ndjson"));
      linkLatest(outDir, runId);
      return new RecordWriter(dir, file, now);
    } catch (error) {
      throw placeError(error, outDir);
    }
  }

  /**
   * Appends one event; secrets in its texts are redacted.
   * @throws PlumblineError PL_RECORD_EVENT if it is malformed or the record is closed; PL_RECORD_WRITE, PL_DISK_FULL
   *   (host) if it cannot be written: what was written before is whole
   */
  write(body: RunEventBody): RunEvent {
    if (!this.#isOpen) throw harnessError("PL_RECORD_EVENT", `the event ${body.type} came after the record was closed`);
    const event: unknown = redactJson({ seq: this.#seq, at: this.#now().toISOString(), ...body });
    const parsed = runEventSchema.safeParse(event);
    if (!parsed.success) {
      throw harnessError("PL_RECORD_EVENT", `the event ${body.type} is malformed: ${z.prettifyError(parsed.error)}`, {
        cause: parsed.error,
      });
    }
    this.#append(`${JSON.stringify(parsed.data)}\n`);
    this.#seq++;
    return parsed.data;
  }

  #append(line: string): void {
    try {
      this.#sizeBytes += writeAll(this.#file, line);
    } catch (error) {
      // half a line would spoil those that may follow
      ftruncateSync(this.#file, this.#sizeBytes);
      throw writeError(error, this.dir);
    }
  }

  /** Brings all to the disk. Closing twice is harmless. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    fsyncSync(this.#file);
    closeSync(this.#file);
  }
}

function openNew(file: string): number {
  try {
    return openSync(file, "ax");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "EEXIST") throw cause;
    throw harnessError("PL_RECORD_EXISTS", `${file} exists: a run of this id has been recorded here`, { cause });
  }
}

/** @returns the number of bytes */
function writeAll(file: number, text: string): number {
  const bytes = Buffer.from(text);
  for (let written = 0; written < bytes.length;) written += writeSync(file, bytes, written);
  return bytes.length;
}

/** Renamed into place, so that `latest` never points nowhere. */
function linkLatest(outDir: string, runId: string): void {
  const fresh = path.join(outDir, `.latest-${process.pid}`);
  rmSync(fresh, { force: true });
  symlinkSync(runId, fresh);
  renameSync(fresh, path.join(outDir, "latest"));
}

/** A full disk is the host's; whatever else is wrong with the folder, the user chose it. */
function placeError(error: unknown, outDir: string): unknown {
  if (error instanceof PlumblineError) return error;
  const refused = systemError(error);
  if (refused?.code === "PL_DISK_FULL") return refused;
  return usageError("PL_OUT", `no record can be written to ${outDir}: ${messageOf(error)}`, {
    hint: "--out DIR says where to write",
    cause: error,
  });
}

function writeError(error: unknown, dir: string): PlumblineError {
  const code = systemError(error)?.code ?? "PL_RECORD_WRITE";
  return hostError(code, `the record ${dir} cannot be written any further: ${messageOf(error)}`, {
    hint: `what was written until then is kept; free some space (\`df -h ${dir}\`), then \`plumbline run --failed ${dir}\` runs the rest`,
    cause: error,
  });
}
