import { realpathSync, statSync } from "node:fs";
import path from "node:path";
import { ContentType, type Attachment } from "allure-js-commons";
import { stableUuid } from "./stable-uuid.ts";

/** A file of the record that becomes an attachment. */
export interface EvidenceFile {
  readonly attachment: Attachment;
  /** Where it lies now. */
  readonly from: string;
}

const TYPES: Readonly<Record<string, string>> = {
  ".json": ContentType.JSON,
  ".xml": ContentType.XML,
  ".pcap": "application/vnd.tcpdump.pcap",
};

/** Where evidence is looked for; the id keeps the files of several runs apart in one report. */
export interface EvidenceSource {
  readonly recordDir: string;
  readonly runId: string;
}

/**
 * A file of evidence as an attachment.
 * @param relative path as the record tells it
 * @returns undefined if no such file lies in the folder of the record: evidence may have been left behind, and a record
 *   of somebody else must not make us publish a file of this machine
 */
export function evidenceFile({ recordDir, runId }: EvidenceSource, relative: string): EvidenceFile | undefined {
  const from = fileInside(recordDir, relative);
  if (from === undefined) return undefined;
  const ext = path.extname(relative).toLowerCase();
  const source = `${stableUuid(runId, relative)}-attachment${ext}`;
  const name = relative.replace(/^evidence\//, "");
  return { from, attachment: { name, source, type: TYPES[ext] ?? ContentType.TEXT } };
}

function fileInside(dir: string, relative: string): string | undefined {
  try {
    const file = realpathSync(path.join(dir, relative));
    const isInside = file.startsWith(`${realpathSync(dir)}${path.sep}`);
    return isInside && statSync(file).isFile() ? file : undefined;
  } catch {
    return undefined;
  }
}
