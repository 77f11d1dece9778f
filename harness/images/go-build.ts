import { chmod, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { harnessError, messageOf } from "../core/errors.ts";
import { canonicalJson, sha256 } from "../core/json.ts";
import { homeDir } from "../core/state-dir.ts";
import { run } from "../process/run.ts";
import { mainPackage, wrapperGoMod } from "./go-wrapper.ts";
import type { GoBuild, GoModuleRecipe } from "./recipe.ts";
import type { Toolchain } from "./toolchain.ts";

export interface BuildCall {
  readonly toolchain: Toolchain;
  readonly signal?: AbortSignal | undefined;
  readonly onLine?: (line: string) => void;
}

/** A module that has been fetched: its source, and the folder of a module of ours that requires it. */
export interface PreparedModule {
  readonly sourceDir: string;
  readonly wrapperDir: string;
}

/** Flags of every build; debug data, which `-s -w` leaves out in the end, is not made at all. */
const GO_FLAGS = ["-mod=mod", "-trimpath", "-buildvcs=false", "-gcflags=all=-dwarf=false"];

/** Key of what one build brings forth: module, version, flags, toolchain, patches. */
export function buildKey(recipe: GoModuleRecipe, build: GoBuild, toolchain: Toolchain): string {
  const { module, version, folderReplacements, raise, cgo, ldflags } = recipe;
  const flags = GO_FLAGS;
  return sha256(
    canonicalJson({ module, version, folderReplacements, raise, cgo, ldflags, flags, build, toolchain, format: 2 }),
  );
}

/** Names of the programs that a build brings forth. */
export function outputsOf(build: GoBuild): string[] {
  return Object.keys({ ...build.packages, ...build.mains, ...build.c });
}

/** Folder of the programs of a key. They are all there, or the folder is not. */
export function binariesDir(key: string): string {
  return path.join(homeDir("cache", "binaries"), key);
}

/** Whether a build has been done before. */
export function isBuilt(key: string): boolean {
  return existsSync(binariesDir(key));
}

const downloaded = z.object({ Dir: z.string(), GoMod: z.string() });

/**
 * Fetches the source of a module, without what it requires.
 * @throws PlumblineError PL_GO_MODULE
 */
export async function fetchModule(recipe: GoModuleRecipe, call: BuildCall): Promise<{ dir: string; goMod: string }> {
  if (recipe.folder !== undefined) {
    return { dir: recipe.folder, goMod: await readFile(path.join(recipe.folder, "go.mod"), "utf8") };
  }
  const what = `${recipe.module}@${recipe.version}`;
  const { stdout } = await run("go", ["mod", "download", "-json", what], {
    ...common(recipe, call),
    cwd: "/",
    code: "PL_GO_MODULE",
    hint: `is the Go module proxy reachable? try: go mod download ${what}`,
  });
  const answer = downloaded.parse(JSON.parse(stdout));
  return { dir: answer.Dir, goMod: await readFile(answer.GoMod, "utf8") };
}

/**
 * Fetches a module and what its programs require, so that building needs no network any more.
 * @throws PlumblineError PL_GO_MODULE
 */
export async function prepareModule(recipe: GoModuleRecipe, call: BuildCall): Promise<PreparedModule> {
  const { dir, goMod } = await fetchModule(recipe, call);
  const wrapper = wrapperGoMod(recipe, goMod);
  const wrapperDir = homeDir("cache", "modules", `${recipe.name}-${sha256(wrapper).slice(0, 12)}`);
  const file = path.join(wrapperDir, "go.mod");
  if (!existsSync(file)) await writeFile(file, wrapper);
  for (const build of recipe.builds) await writeMains(build, wrapperDir);
  const packages = recipe.builds.flatMap((build) => Object.values(packagesOf(build)));
  await run("go", ["list", "-mod=mod", "-deps", "-f", "{{with .Error}}{{.}}{{end}}", ...packages], {
    ...common(recipe, call),
    cwd: wrapperDir,
    code: "PL_GO_MODULE",
    hint: "is the Go module proxy reachable? does the recipe in fixtures/images/modules.yaml fit the module?",
  });
  return { sourceDir: dir, wrapperDir };
}

/** File name of the program -> Go package, those of our own included. */
function packagesOf(build: GoBuild): Readonly<Record<string, string>> {
  const own = Object.keys(build.mains ?? {}).map((name) => [name, `./${name}`] as const);
  return { ...build.packages, ...Object.fromEntries(own) };
}

async function writeMains(build: GoBuild, wrapperDir: string): Promise<void> {
  for (const [name, main] of Object.entries(build.mains ?? {})) {
    await mkdir(path.join(wrapperDir, name), { recursive: true });
    await writeFile(path.join(wrapperDir, name, "main.go"), mainPackage(main));
  }
}

/**
 * Builds the programs of one step into the folder of its key.
 * @throws PlumblineError PL_GO_BUILD with module, version and the end of the output
 */
export async function buildPrograms(
  prepared: PreparedModule,
  step: { readonly recipe: GoModuleRecipe; readonly build: GoBuild },
  call: BuildCall,
): Promise<void> {
  const { recipe, build } = step;
  const target = binariesDir(buildKey(recipe, build, call.toolchain));
  const temporary = `${target}.${process.pid}`;
  await rm(temporary, { recursive: true, force: true });
  await mkdir(temporary, { recursive: true });
  try {
    for (const [name, source] of Object.entries(build.c ?? {})) {
      const args = [
        "-Os",
        "-static",
        ...build.flags,
        "-o",
        path.join(temporary, name),
        path.join(prepared.sourceDir, source),
      ];
      await run("gcc", args, { ...common(recipe, call), cwd: temporary });
    }
    const packages = packagesOf(build);
    if (Object.keys(packages).length > 0) await goBuild(prepared, { recipe, packages, dir: temporary }, call);
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    call.signal?.throwIfAborted();
    // another process may have built the same meanwhile
    if (existsSync(target)) return;
    throw harnessError(
      "PL_GO_BUILD",
      `cannot build ${build.name} of ${recipe.module}@${recipe.version}: ${messageOf(error)}`,
      {
        cause: error,
        hint: `look at the wrapper module in ${prepared.wrapperDir}; a newer Go (here ${call.toolchain.go}) or a full disk are the usual causes`,
      },
    );
  }
}

async function goBuild(
  prepared: PreparedModule,
  what: { recipe: GoModuleRecipe; packages: Readonly<Record<string, string>>; dir: string },
  call: BuildCall,
): Promise<void> {
  const { recipe, packages, dir } = what;
  const flags = [...GO_FLAGS, "-ldflags", ["-s -w", ...recipe.ldflags].join(" ")];
  const entries = Object.entries(packages);
  // with a folder as its output, Go names each program after its package
  const output = entries.length === 1 ? path.join(dir, entries[0]?.[0] ?? "") : `${dir}/`;
  await run("go", ["build", ...flags, "-o", output, ...entries.map(([, p]) => p)], {
    ...common(recipe, call),
    cwd: prepared.wrapperDir,
  });
  for (const [name, pkg] of entries) {
    const made = path.join(dir, entries.length === 1 ? name : path.posix.basename(pkg));
    if (made !== path.join(dir, name)) await rename(made, path.join(dir, name));
    await chmod(path.join(dir, name), 0o755);
  }
}

function common(recipe: GoModuleRecipe, call: BuildCall) {
  return {
    timeoutMs: 1_800_000,
    signal: call.signal,
    kind: "harness",
    // The user's own flags and workspace would change what is built. A compiler lives for seconds, of which collecting
    // garbage as often as a daemon does takes a tenth.
    env: {
      CGO_ENABLED: recipe.cgo ? "1" : "0",
      GOFLAGS: "",
      GOWORK: "off",
      GOGC: "400",
      ...(call.toolchain.isFetched ? { GOTOOLCHAIN: call.toolchain.go } : {}),
    },
    ...(call.onLine ? { onLine: call.onLine } : {}),
  } as const;
}
