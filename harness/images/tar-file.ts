import { createReadStream, createWriteStream } from "node:fs";
import { stat } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { pack, type Pack } from "tar-stream";

/** One file of an archive: its content is text, or another file's; or it is a symbolic link. */
export type TarEntry = { readonly name: string; readonly mode: number } & (
  { readonly text: string } | { readonly file: string } | { readonly linkTo: string }
);

/** All files of an archive bear this time, so that equal content gives an equal archive. */
const MTIME = new Date("2025-01-01T00:00:00Z");

/** Writes a tar archive: entries in the order of their names, owned by root. */
export async function writeTar(tarFile: string, entries: readonly TarEntry[]): Promise<void> {
  const archive = pack();
  const written = pipeline(archive, createWriteStream(tarFile));
  const filled = fill(
    archive,
    entries.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
  );
  await Promise.all([written, filled]);
}

async function fill(archive: Pack, entries: readonly TarEntry[]): Promise<void> {
  try {
    for (const entry of entries) await add(archive, entry);
    archive.finalize();
  } catch (error) {
    archive.destroy(error instanceof Error ? error : new Error(String(error)));
    throw error;
  }
}

async function add(archive: Pack, entry: TarEntry): Promise<void> {
  const header = { name: entry.name, mode: entry.mode, mtime: MTIME };
  if ("text" in entry) {
    archive.entry(header, entry.text);
    return;
  }
  if ("linkTo" in entry) {
    archive.entry({ ...header, type: "symlink", linkname: entry.linkTo });
    return;
  }
  const { size } = await stat(entry.file);
  await pipeline(createReadStream(entry.file, { highWaterMark: 1 << 20 }), archive.entry({ ...header, size }));
}
