import { mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import { existsSync } from "node:fs";
import path from "node:path";
import { packageFile } from "../core/package-root.ts";
import { canonicalJson, sha256 } from "../core/json.ts";
import { run } from "../process/run.ts";
import { binariesDir, type BuildCall } from "./go-build.ts";
import type { FileSource, Recipes } from "./recipe.ts";

/** Names of the project's own programs that any image holds, as folders of programs/cmd. */
export function programNames(recipes: Recipes): string[] {
  const files: FileSource[] = [
    ...recipes.node.programs.files,
    ...[...recipes.images.values()].flatMap((image) => image.build.files),
  ];
  return [...new Set(files.flatMap((file) => ("programs" in file ? file.programs : [])))].toSorted();
}

/** Key of the project's own programs: their sources without tests, and the toolchain. */
export async function programsKey(names: readonly string[], call: BuildCall): Promise<string> {
  const root = packageFile("programs");
  const files = (await readdir(root, { recursive: true })).filter(isSource).toSorted();
  const digests = await Promise.all(files.map(async (file) => [file, sha256(await readFile(path.join(root, file)))]));
  return sha256(canonicalJson({ names, digests, toolchain: call.toolchain, format: 1 }));
}

function isSource(file: string): boolean {
  const name = path.basename(file);
  return name === "go.mod" || name === "go.sum" || (name.endsWith(".go") && !name.endsWith("_test.go"));
}

/**
 * Builds the project's own programs, all in one go, into the folder of their key.
 * @throws PlumblineError PL_PROGRAMS with the compiler's words
 */
export async function buildOwnPrograms(names: readonly string[], call: BuildCall): Promise<void> {
  const target = binariesDir(await programsKey(names, call));
  if (existsSync(target)) return;
  const temporary = `${target}.${process.pid}`;
  await rm(temporary, { recursive: true, force: true });
  await mkdir(temporary, { recursive: true });
  const packages = names.map((name) => `./cmd/${name}`);
  await run("go", ["build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w", "-o", `${temporary}/`, ...packages], {
    cwd: packageFile("programs"),
    env: { CGO_ENABLED: "0", GOFLAGS: "", GOWORK: "off" },
    timeoutMs: 600_000,
    signal: call.signal,
    kind: "harness",
    code: "PL_PROGRAMS",
    hint: "the project's own programs lie in programs/; `go vet ./...` there shows more",
  });
  await rename(temporary, target).catch((error: unknown) => {
    if (!existsSync(target)) throw error;
  });
}
