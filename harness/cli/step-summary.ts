import { appendFileSync, existsSync, statSync } from "node:fs";
import { messageOf } from "../core/errors.ts";
import type { CliContext } from "./context.ts";

/** GitHub shows no summary at all of a step that wrote more than a mebibyte. */
const LIMIT_BYTES = 1024 * 1024;
const NOTE = "\n\n*The rest does not fit into a job summary: see `summary.md` of the run.*\n";

/** Appends Markdown to the page of the job where the program runs in GitHub Actions. A page that fails loses no result. */
export function appendStepSummary(context: CliContext, markdown: string): void {
  const file = context.env["GITHUB_STEP_SUMMARY"];
  if (!file) return;
  try {
    const usedBytes = existsSync(file) ? statSync(file).size : 0;
    appendFileSync(file, fitMarkdown(`${markdown}\n`, LIMIT_BYTES - usedBytes));
  } catch (error) {
    context.stderr.write(`nothing was added to the job summary ${file}: ${messageOf(error)}\n`);
  }
}

/** The lines from the top that fit, with a note in place of the others; nothing where not even that fits. */
export function fitMarkdown(markdown: string, roomBytes: number): string {
  const bytes = Buffer.from(markdown);
  if (bytes.length <= roomBytes) return markdown;
  const end = bytes.lastIndexOf("\n", roomBytes - Buffer.byteLength(NOTE) - 1);
  return roomBytes <= Buffer.byteLength(NOTE) || end < 0 ? "" : `${bytes.subarray(0, end).toString()}${NOTE}`;
}
