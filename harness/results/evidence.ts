import { writeFileSync } from "node:fs";
import path from "node:path";
import { makeDir } from "../core/make-dir.ts";
import { redact, redactBytes, redactJson } from "./redact.ts";

/** What one failure may take. */
export const EVIDENCE_CAP_BYTES = 5_000_000;

/**
 * The evidence folder of a run record. Lanes use it side by side: each failure has a folder of its own, named after the
 * case, so that no two write to one file.
 */
export class EvidenceStore {
  readonly #recordDir: string;
  readonly #capBytes: number;

  /** @param recordDir folder of the run, as `RecordWriter.dir` */
  constructor(recordDir: string, options: { readonly capBytes?: number } = {}) {
    this.#recordDir = recordDir;
    this.#capBytes = options.capBytes ?? EVIDENCE_CAP_BYTES;
  }

  /** The folder of one failure. @param name e.g. `ATT-003` or `ATT-003-2` for a second attempt */
  failure(name: string): FailureEvidence {
    return new FailureEvidence(this.#recordDir, path.posix.join("evidence", safeName(name)), this.#capBytes);
  }
}

/** What is kept of one failure. Secrets are taken out before anything touches the disk. */
export class FailureEvidence {
  readonly #recordDir: string;
  readonly #dir: string;
  readonly #paths: string[] = [];
  #leftBytes: number;

  constructor(recordDir: string, dir: string, capBytes: number) {
    this.#recordDir = recordDir;
    this.#dir = dir;
    this.#leftBytes = capBytes;
  }

  /** Paths of all files so far, relative to the record. */
  get paths(): readonly string[] {
    return this.#paths;
  }

  /**
   * Writes one file. Text that does not fit under what is left of the cap loses its middle, as beginnings and ends tell
   * most; bytes that do not fit lose their end. A name that exists gets a number.
   * @returns the path relative to the record, undefined if nothing at all is left of the cap
   */
  write(name: string, content: string | Uint8Array): string | undefined {
    const bytes =
      typeof content === "string"
        ? fitText(Buffer.from(redact(content)), this.#leftBytes)
        : redactBytes(content).subarray(0, this.#leftBytes);
    if (bytes.length === 0 && content.length > 0) return undefined;
    const relative = this.#free(name.split("/").map(safeName).join("/"));
    const file = path.join(this.#recordDir, relative);
    makeDir(path.dirname(file));
    writeFileSync(file, bytes);
    this.#leftBytes -= bytes.length;
    this.#paths.push(relative);
    return relative;
  }

  /** Writes data as indented JSON, in which keys tell more secrets than text does. */
  writeJson(name: string, data: unknown): string | undefined {
    return this.write(name, `${JSON.stringify(redactJson(data), null, 2) ?? "null"}\n`);
  }

  #free(name: string): string {
    const { dir, name: stem, ext } = path.posix.parse(name);
    for (let n = 1; ; n++) {
      const candidate = path.posix.join(this.#dir, dir, n === 1 ? `${stem}${ext}` : `${stem}-${n}${ext}`);
      if (!this.#paths.includes(candidate)) return candidate;
    }
  }
}

function fitText(bytes: Buffer, limit: number): Buffer {
  if (bytes.length <= limit) return bytes;
  const note = Buffer.from(
    `\n[... ${bytes.length - limit} bytes and a little more left out: evidence is capped ...]\n`,
  );
  const room = limit - note.length;
  if (room <= 0) return Buffer.alloc(0);
  const head = bytes.subarray(0, Math.ceil(room / 2));
  const tail = bytes.subarray(bytes.length - Math.floor(room / 2));
  return Buffer.concat([head, note, tail]);
}

/** A name that is one path segment on any file system and never leads upwards. */
function safeName(name: string): string {
  const safe = name.replaceAll(/[^\w.-]+/g, "_").replace(/^\.+/, "_");
  return safe === "" ? "_" : safe.slice(0, 120);
}
