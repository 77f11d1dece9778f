import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { messageOf } from "../../harness/core/errors.ts";
import { reportName, type FileFormat, type FolderFormat, type ReportFormat, type ReportSource } from "../formats.ts";
import { contentDifferences } from "./content-differences.ts";
import type { Discrepancy } from "./digest-discrepancies.ts";

export interface ComparedReport {
  readonly discrepancies: readonly Discrepancy[];
  readonly notes: readonly string[];
}

/** Makes a report again and holds the one that lies beside the record against it. */
export async function compareReport(dir: string, format: ReportFormat, source: ReportSource): Promise<ComparedReport> {
  const name = reportName(format);
  try {
    const discrepancies =
      "file" in format ? compareFile(dir, format, source) : await compareFolder(dir, format, source);
    if (discrepancies) return { discrepancies, notes: [] };
    return { discrepancies: [], notes: [`${name}/ is another one each time it is made, so it was not compared`] };
  } catch (error) {
    return {
      discrepancies: [{ file: name, what: `it cannot be made from the record: ${messageOf(error)}` }],
      notes: [],
    };
  }
}

function compareFile(dir: string, { file, make }: FileFormat, source: ReportSource): readonly Discrepancy[] {
  const is = readFileSync(path.join(dir, file));
  return contentDifferences(is, Buffer.from(make(source))).map((what) => ({ file, what }));
}

/** @returns undefined where nothing can be compared */
async function compareFolder(
  dir: string,
  { folder, isReproducible, write }: FolderFormat,
  source: ReportSource,
): Promise<readonly Discrepancy[] | undefined> {
  if (!isReproducible) return undefined;
  const fresh = mkdtempSync(path.join(tmpdir(), "plumbline-verify-"));
  try {
    await write(source, { from: dir, to: fresh });
    const is = filesBelow(path.join(dir, folder));
    const should = filesBelow(fresh);
    return [...new Set([...is.keys(), ...should.keys()])].toSorted().flatMap((file) => {
      const place = path.posix.join(folder, file);
      const [has, gives] = [is.get(file), should.get(file)];
      if (!gives) return [{ file: place, what: "the record gives no such file" }];
      if (!has) return [{ file: place, what: "the record gives it, and it is not there" }];
      return contentDifferences(has, gives).map((what) => ({ file: place, what }));
    });
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

function filesBelow(root: string): ReadonlyMap<string, Uint8Array> {
  const entries = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    entries.map((entry) => {
      const file = path.join(entry.parentPath, entry.name);
      return [path.relative(root, file).replaceAll(path.sep, "/"), readFileSync(file)];
    }),
  );
}
