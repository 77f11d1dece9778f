import { readdir, readFile } from "node:fs/promises";
import path from "node:path";

/** What a root file system is made from: a release's name and its package sources, one-line style. */
export interface AptSources {
  /** e.g. `bookworm` */
  readonly suite: string;
  readonly lines: readonly string[];
}

/**
 * The host's own package sources, without the third-party ones, which have no part in an image.
 * @param root of the file system that is looked at
 */
export async function hostAptSources(root = "/"): Promise<AptSources> {
  const release = await readFile(path.join(root, "etc/os-release"), "utf8").catch(() => "");
  const suite = /^VERSION_CODENAME="?([\w-]+)/m.exec(release)?.[1] ?? "stable";
  const folder = path.join(root, "etc/apt/sources.list.d");
  const names = await readdir(folder).catch(() => [] as string[]);
  const files = [path.join(root, "etc/apt/sources.list"), ...names.toSorted().map((name) => path.join(folder, name))];
  const texts = await Promise.all(files.map((file) => readFile(file, "utf8").catch(() => "")));
  const lines = texts.flatMap((text, i) => (files[i]?.endsWith(".sources") ? stanzaLines(text) : oneLines(text)));
  return { suite, lines: [...new Set(lines.filter((line) => belongsTo(suite, line)))] };
}

/** Lines of the old style, without comments. */
function oneLines(text: string): string[] {
  return text.split("\n").filter((line) => /^deb\s/.test(line));
}

/** A deb822 file as lines of the old style, so that there is one form to judge and to hand on. @source sources.list(5) */
export function stanzaLines(text: string): string[] {
  return text.split(/\n\s*\n/).flatMap((stanza) => {
    const fields = deb822Fields(stanza);
    const words = (key: string): string[] => fields.get(key)?.split(/\s+/).filter(Boolean) ?? [];
    if (!words("types").includes("deb") || fields.get("enabled")?.trim() === "no") return [];
    // an inlined key has no one-line form; such a source is not the distribution's own
    const signedBy = fields.get("signed-by")?.trim();
    const option = signedBy?.startsWith("/") ? `[signed-by=${signedBy}] ` : "";
    return words("uris").flatMap((uri) =>
      words("suites").map((suite) => `deb ${option}${uri} ${suite} ${words("components").join(" ")}`),
    );
  });
}

function deb822Fields(stanza: string): Map<string, string> {
  const fields = new Map<string, string>();
  let last = "";
  for (const line of stanza.split("\n")) {
    if (line.startsWith("#")) continue;
    const [, key, value] = /^([\w-]+):\s*(.*)$/.exec(line) ?? [];
    if (key !== undefined) {
      last = key.toLowerCase();
      fields.set(last, value ?? "");
    } else if (last !== "") {
      fields.set(last, `${fields.get(last)} ${line.trim()}`);
    }
  }
  return fields;
}

/** Whether a line is a source of the release itself: its main section, or its updates or security fixes. */
function belongsTo(suite: string, line: string): boolean {
  const words = line
    .replace(/\[[^\]]*\]/, "")
    .split(/\s+/)
    .slice(1);
  const [uri = "", name = "", ...components] = words;
  const ours = [suite, `${suite}-updates`, `${suite}-security`, `${suite}/updates`].includes(name);
  return ours && components.includes("main") && !/^https?:\/\/ppa\./.test(uri);
}
