import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import type { z } from "zod";
import { messageOf } from "../../harness/core/errors.ts";
import type { FileDigest, RecordDigests } from "../../harness/results/record-digests.ts";
import { conformanceReportSchema } from "../conformance/schema.ts";

/** One thing in a record that does not hold. */
export interface Discrepancy {
  /** Relative to the folder of the record. */
  readonly file: string;
  readonly what: string;
}

export interface PublishedDigests {
  readonly digests: RecordDigests | undefined;
  readonly discrepancies: readonly Discrepancy[];
}

const FILE = "conformance.json";

/** The digests that the report carries, if it is there and keeps to its schema. */
export function publishedDigests(dir: string): PublishedDigests {
  const file = path.join(dir, FILE);
  const without = (what: string): PublishedDigests => ({ digests: undefined, discrepancies: [{ file: FILE, what }] });
  if (!existsSync(file)) {
    return without("it is missing, so nothing vouches for events and evidence; `plumbline report` makes it");
  }
  try {
    const parsed = conformanceReportSchema.safeParse(JSON.parse(readFileSync(file, "utf8")));
    if (parsed.success) return { digests: parsed.data.digests, discrepancies: [] };
    return without(`it does not keep to its schema: ${issuesText(parsed.error)}`);
  } catch (error) {
    return without(`it is no JSON: ${messageOf(error)}`);
  }
}

/** Files that are not those of which the report has the digests. */
export function digestDiscrepancies(is: RecordDigests, published: RecordDigests): readonly Discrepancy[] {
  const should = new Map([published.events, ...published.evidence].map((entry) => [entry.path, entry]));
  const there = new Map([is.events, ...is.evidence].map((entry) => [entry.path, entry]));
  const gone = [...should.keys()].filter((file) => !there.has(file));
  return [
    ...[...there.values()].flatMap((entry) => discrepancyOf(entry, should.get(entry.path))),
    ...gone.map((file) => ({ file, what: `${FILE} has its digest, and it is not there` })),
  ];
}

function discrepancyOf(is: FileDigest, should: FileDigest | undefined): readonly Discrepancy[] {
  if (!should) return [{ file: is.path, what: `it is there, and ${FILE} has no digest of it` }];
  if (is.sha256 === should.sha256 && is.bytes === should.bytes) return [];
  const sizes = is.bytes === should.bytes ? "" : ` (${is.bytes} bytes, and not ${should.bytes})`;
  return [{ file: is.path, what: `its digest is ${is.sha256}, and not ${should.sha256} as in ${FILE}${sizes}` }];
}

/** The first few: what was written by another version may differ in every case. */
function issuesText({ issues }: z.ZodError): string {
  const shown = issues.slice(0, 3).map((issue) => `${issue.path.join("/")}: ${issue.message}`);
  return [...shown, ...(issues.length > 3 ? [`and ${issues.length - 3} more`] : [])].join("; ");
}
