import { readFileSync, realpathSync, statSync } from "node:fs";
import path from "node:path";
import { markup, type Html } from "./markup.ts";

/** What of the evidence stands in the page itself, so that a page that was sent alone still shows it. */
export interface EmbedLimits {
  readonly fileBytes: number;
  readonly pageBytes: number;
}

export const EMBED_LIMITS: EmbedLimits = { fileBytes: 16_384, pageBytes: 2_000_000 };

/** Puts files of evidence into the page, each once, until the page has enough of them; the rest are links. */
export class EvidenceShelf {
  readonly #dir: string;
  /** How links lead from the page to the folder of the record. */
  readonly #recordDir: string;
  readonly #limits: EmbedLimits;
  readonly #anchors = new Map<string, string>();
  #leftBytes: number;

  constructor(
    { dir, recordDir }: { readonly dir: string; readonly recordDir: string },
    limits: EmbedLimits = EMBED_LIMITS,
  ) {
    this.#dir = dir;
    this.#recordDir = recordDir;
    this.#limits = limits;
    this.#leftBytes = limits.pageBytes;
  }

  /** Files of one failure, closed. @param files paths relative to the record */
  block(files: readonly string[]): Html | undefined {
    if (files.length === 0) return undefined;
    return markup`<ul class="evidence">${files.map((file) => markup`<li>${this.#item(file)}</li>`)}</ul>`;
  }

  #path(file: string): string {
    return path.posix.join(this.#recordDir, file);
  }

  #item(file: string): Html {
    const anchor = this.#anchors.get(file);
    if (anchor !== undefined) return markup`<a href="#${anchor}">${nameOf(file)}</a> <small>shown above</small>`;
    const bytes = readInside(this.#dir, file);
    if (!bytes) return markup`${nameOf(file)} <small>the file is not there</small>`;
    const size = sizeText(bytes.length);
    const fits = Math.min(bytes.length, this.#limits.fileBytes) <= this.#leftBytes;
    const text = fits ? textOf(bytes, this.#limits.fileBytes) : undefined;
    if (!text) {
      const why = fits ? "not text" : `the page holds ${sizeText(this.#limits.pageBytes)} of evidence already`;
      return markup`${linkTo(this.#path(file), nameOf(file))} <small>${size}; only beside this page: ${why}</small>`;
    }
    this.#leftBytes -= Math.min(bytes.length, this.#limits.fileBytes);
    const id = `evidence-${this.#anchors.size + 1}`;
    this.#anchors.set(file, id);
    const cut = text.leftOutBytes > 0 && markup`, ${sizeText(text.leftOutBytes)} of the middle left out`;
    return markup`<details id="${id}"><summary>${nameOf(file)} <small>${size}${cut}</small></summary>
<pre tabindex="0" role="region" aria-label="${nameOf(file)}">
${text.shown}</pre>
<p class="note">${text.leftOutBytes > 0 ? "The whole file" : "The file"} beside this page: ${linkTo(this.#path(file), file)}</p></details>`;
  }
}

/** A link to a file beside the page. @param file path relative to the record */
export function linkTo(file: string, text: string): Html {
  return markup`<a href="${file.split("/").map(encodeURIComponent).join("/")}">${text}</a>`;
}

function nameOf(file: string): string {
  return file.replace(/^evidence\//, "");
}

/** A record may come from elsewhere: what it names outside its own evidence is not read. */
function readInside(recordDir: string, file: string): Buffer | undefined {
  try {
    const root = realpathSync(path.join(recordDir, "evidence"));
    const real = realpathSync(path.join(recordDir, file));
    const isInside = real.startsWith(root + path.sep) && statSync(real).isFile();
    return isInside ? readFileSync(real) : undefined;
  } catch {
    return undefined; // evidence that is lost or unreadable must not cost the report
  }
}

interface ShownText {
  readonly shown: string;
  readonly leftOutBytes: number;
}

/** The text of a file, without its middle if it is long; undefined for what is no text, such as a capture of packets. */
function textOf(bytes: Buffer, limitBytes: number): ShownText | undefined {
  if (bytes.includes(0)) return undefined;
  if (bytes.length <= limitBytes) return { shown: bytes.toString(), leftOutBytes: 0 };
  const headBytes = Math.floor(limitBytes * 0.7);
  const head = wholeLines(bytes.subarray(0, headBytes), "head");
  const tail = wholeLines(bytes.subarray(bytes.length - (limitBytes - headBytes)), "tail");
  const leftOutBytes = bytes.length - head.length - tail.length;
  const note = `\n[... ${sizeText(leftOutBytes)} left out here; they are in the file beside this page ...]\n`;
  return { shown: `${head.toString()}${note}${tail.toString()}`, leftOutBytes };
}

/** Without the line that was cut, if it is not the only one: half a line, or half a character, misleads. */
function wholeLines(bytes: Buffer, part: "head" | "tail"): Buffer {
  const lineEnd = part === "head" ? bytes.lastIndexOf("\n") : bytes.indexOf("\n");
  if (lineEnd === -1) return bytes;
  return part === "head" ? bytes.subarray(0, lineEnd) : bytes.subarray(lineEnd + 1);
}

function sizeText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 1_000_000) return `${(bytes / 1000).toFixed(bytes < 10_000 ? 1 : 0)} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
