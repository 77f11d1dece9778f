import { constants } from "node:fs";
import { access, mkdtemp, readFile, rm, stat } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import type { PluginUnderTest } from "../config/plugin-under-test.ts";
import type { PluginSource } from "../config/plugin-source.ts";
import { messageOf, PlumblineError, usageError } from "../core/errors.ts";
import type { Subject } from "../core/subject.ts";
import { copyFromImage } from "../docker/copy-from-image.ts";
import { binariesDir, buildKey, buildPrograms, isBuilt, prepareModule } from "./go-build.ts";
import type { GoModuleRecipe } from "./recipe.ts";
import { readToolchain } from "./toolchain.ts";

interface Call {
  readonly signal: AbortSignal;
  readonly onLine: (line: string) => void;
}

/** What was got, before anybody has looked at it, and what the record tells of it. */
export interface ReadPlugin extends Pick<Subject, "version" | "origin" | "source" | "changes"> {
  readonly content: Uint8Array;
}

/** Reads the binary of a plugin. @throws PlumblineError as `obtainPlugin` */
export async function readPluginSource(
  { name, source, sourceText }: Pick<PluginUnderTest, "name" | "source" | "sourceText">,
  call: Call,
): Promise<ReadPlugin> {
  switch (source.kind) {
    case "file":
      return fromFile(source.path);
    case "go":
      return fromGo(name, source, call);
    case "image":
      return fromImage(source, sourceText, call);
  }
}

async function fromFile(file: string): Promise<ReadPlugin> {
  const found = await stat(file).catch((error: unknown) => {
    throw usageError("PL_PLUGIN_FILE", `the plugin ${file} cannot be read: ${messageOf(error)}`, {
      cause: error,
      hint: "--plugin takes a path, go:MODULE@VERSION#PACKAGE, or image:REF#/path",
    });
  });
  if (!found.isFile()) throw usageError("PL_PLUGIN_FILE", `the plugin ${file} is no file`);
  await access(file, constants.R_OK).catch((error: unknown) => {
    throw usageError("PL_PLUGIN_FILE", `the plugin ${file} cannot be read: ${messageOf(error)}`, { cause: error });
  });
  // the mode, since root may execute nothing that no one may
  if ((found.mode & 0o111) === 0) {
    throw usageError("PL_PLUGIN_FILE", `the plugin ${file} is not executable`, { hint: `chmod +x ${file}` });
  }
  return { content: await readFile(file), version: "a local file", origin: "given", source: file, changes: [] };
}

/** Built as the reference plugins are: static, with the versions that the module's go.mod pins; once for each content. */
async function fromGo(
  name: string,
  { module, version, package: main }: Extract<PluginSource, { kind: "go" }>,
  call: Call,
): Promise<ReadPlugin> {
  const toolchain = await readToolchain(call.signal);
  const build = { name, packages: { [name]: main }, flags: [] };
  const plain = { raise: {}, cgo: false, ldflags: [], on: "node", changes: [] } as const;
  const recipe: GoModuleRecipe = {
    ...plain,
    name: `plugin-${name}`,
    module,
    version,
    ldflags: [],
    changes: [],
    builds: [build],
  };
  const key = buildKey(recipe, build, toolchain);
  if (!isBuilt(key)) {
    const building = { ...call, toolchain };
    try {
      await buildPrograms(await prepareModule(recipe, building), { recipe, build }, building);
    } catch (error) {
      call.signal.throwIfAborted();
      throw usageError(
        "PL_PLUGIN_BUILD",
        `the plugin ${main} of ${module}@${version} cannot be built: ${messageOf(error)}`,
        {
          cause: error,
          hint: "are the module, its version and the folder of its main package after # right? is the module proxy reachable?",
        },
      );
    }
  }
  return {
    content: await readFile(path.join(binariesDir(key), name)),
    version,
    origin: "built here",
    source: main === module ? `${module}@${version}` : `${module}@${version}, ${main}`,
    changes: [`built with ${toolchain.go} for ${toolchain.arch}, without cgo`],
  };
}

async function fromImage(
  { ref, path: inside }: Extract<PluginSource, { kind: "image" }>,
  sourceText: string,
  { signal }: Call,
): Promise<ReadPlugin> {
  const folder = await mkdtemp(path.join(os.tmpdir(), "plumbline-plugin-"));
  try {
    const file = path.join(folder, "binary");
    const id = await copyFromImage({ ref, path: inside }, file, { signal });
    if (!(await stat(file)).isFile()) throw usageError("PL_PLUGIN_IMAGE", `${inside} of ${ref} is no file`);
    return {
      content: await readFile(file),
      version: ref,
      origin: "upstream",
      source: `${sourceText} (${id})`,
      changes: [],
    };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof PlumblineError && error.code === "PL_PLUGIN_IMAGE") throw error;
    throw usageError(
      "PL_PLUGIN_IMAGE",
      `the plugin ${sourceText} cannot be taken out of its image: ${messageOf(error)}`,
      {
        cause: error,
        hint: `is there such an image, and such a file in it? try: docker create ${ref} x`,
      },
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
