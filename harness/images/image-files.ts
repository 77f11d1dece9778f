import { readdir } from "node:fs/promises";
import path from "node:path";
import { harnessError } from "../core/errors.ts";
import type { FileSource } from "./recipe.ts";
import type { TarEntry } from "./tar-file.ts";
import type { Workshop } from "./workshop.ts";

/**
 * The files of an image as entries of layers, one layer for each part of the recipe, so that images with equal parts share them.
 * A file that an earlier part has put elsewhere becomes a link to it.
 */
export async function imageLayers(files: readonly FileSource[], workshop: Workshop): Promise<TarEntry[][]> {
  const layers = await Promise.all(files.map((file) => entriesOf(file, workshop)));
  const placed = new Map<string, string>();
  return layers.map((layer) => layer.map((entry) => linkedIfPlaced(entry, placed)));
}

/** The same files in one list. */
export async function imageFiles(files: readonly FileSource[], workshop: Workshop): Promise<TarEntry[]> {
  return (await imageLayers(files, workshop)).flat();
}

function linkedIfPlaced(entry: TarEntry, placed: Map<string, string>): TarEntry {
  if (!("file" in entry)) return entry;
  const before = placed.get(entry.file);
  if (before !== undefined) return { name: entry.name, mode: 0o777, linkTo: `/${before}` };
  placed.set(entry.file, entry.name);
  return entry;
}

async function entriesOf(file: FileSource, workshop: Workshop): Promise<TarEntry[]> {
  if ("text" in file) return [{ name: inTar(file.to), mode: 0o644, text: file.text }];
  if ("link" in file) return [{ name: inTar(file.to), mode: 0o777, linkTo: file.link }];
  if ("source" in file) return sourceEntries(file, await workshop.source(file.source));
  if ("programs" in file) return programEntries(await workshop.programs(), { names: file.programs, to: file.to });
  if ("bundle" in file) return [{ name: inTar(file.to), mode: 0o644, file: await workshop.bundle(file.bundle) }];
  const binaries = await workshop.binaries(file.binaries);
  return programEntries(binaries, { names: file.only ?? [...binaries.keys()], to: file.to });
}

function programEntries(
  binaries: ReadonlyMap<string, string>,
  wanted: { readonly names: readonly string[]; readonly to: string },
): TarEntry[] {
  return wanted.names.map((name) => {
    const file = binaries.get(name);
    if (file === undefined)
      throw harnessError("PL_RECIPE", `fixtures/images wants the program ${name}, which is not built`);
    return { name: inTar(path.posix.join(wanted.to, name)), mode: 0o755, file };
  });
}

/** A file of a module's source, or all files of a folder of it. */
async function sourceEntries(
  file: Extract<FileSource, { readonly source: string }>,
  sourceDir: string,
): Promise<TarEntry[]> {
  const from = path.join(sourceDir, file.path);
  const children = await readdir(from, { recursive: true, withFileTypes: true }).catch(() => undefined);
  const folders = file.executable === true ? [] : file.executable;
  if (children === undefined) {
    return [{ name: inTar(file.to), mode: file.executable === true ? 0o755 : 0o644, file: from }];
  }
  return children
    .filter((child) => child.isFile())
    .map((child) => {
      const full = path.join(child.parentPath, child.name);
      const relative = path.relative(from, full);
      const executable = folders.some((folder) => relative.startsWith(`${folder}/`));
      return { name: inTar(path.posix.join(file.to, relative)), mode: executable ? 0o755 : 0o644, file: full };
    });
}

/** Names in a layer are relative to its root. */
function inTar(absolute: string): string {
  return absolute.replace(/^\/+/, "");
}
