import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { build } from "esbuild";
import { harnessError } from "../core/errors.ts";
import { canonicalJson, sha256 } from "../core/json.ts";
import { packageFile } from "../core/package-root.ts";
import { binariesDir } from "./go-build.ts";
import type { BundleName } from "./recipe.ts";

/** The Node.js of the oldest distribution that images are built on. */
const TARGET = "node18";

/** What goes into a bundle beside its own sources, or makes it. */
const PACKAGES = ["esbuild", "@grpc/grpc-js", "@grpc/proto-loader", "protobufjs", "zod"];

/** Key of a bundle: its sources without tests, and the versions of what is bundled with them. */
export async function bundleKey(name: BundleName): Promise<string> {
  const { dir } = await sourceOf(name);
  const files = (await readdir(dir)).filter(isSource).toSorted();
  const digests = await Promise.all(files.map(async (file) => [file, sha256(await readFile(path.join(dir, file)))]));
  return sha256(canonicalJson({ digests, packages: await packageVersions(), target: TARGET, format: 1 }));
}

/**
 * Makes one file of a program and all that it imports, in the folder of its key.
 * @returns the path of the file
 * @throws PlumblineError PL_BUNDLE with what cannot be resolved or read
 */
export async function makeBundle(name: BundleName): Promise<string> {
  const target = path.join(binariesDir(await bundleKey(name)), `${name}.cjs`);
  if (existsSync(target)) return target;
  await mkdir(path.dirname(target), { recursive: true });
  const temporary = `${target}.${process.pid}`;
  await build({
    entryPoints: [(await sourceOf(name)).main],
    outfile: temporary,
    bundle: true,
    minify: true,
    platform: "node",
    format: "cjs",
    target: TARGET,
    legalComments: "eof",
    logLevel: "silent",
  }).catch((error: unknown) => {
    throw harnessError(
      "PL_BUNDLE",
      `cannot bundle ${name}: ${error instanceof Error ? error.message : String(error)}`,
      {
        hint: "are all packages there? try: npm ci",
        cause: error,
      },
    );
  });
  await rename(temporary, target);
  return target;
}

/** Its sources, which are part of the package. */
async function sourceOf(name: BundleName): Promise<{ dir: string; main: string }> {
  const main = packageFile(name, "main.ts");
  if (!existsSync(main)) throw harnessError("PL_BUNDLE", `the package is incomplete: there is no ${main}`);
  return { dir: path.dirname(main), main };
}

function isSource(file: string): boolean {
  return file.endsWith(".ts") && !/\.(test|test-support)\.ts$/u.test(file);
}

async function packageVersions(): Promise<readonly (readonly [string, string])[]> {
  const require = createRequire(import.meta.url);
  return Promise.all(
    PACKAGES.map(async (name) => {
      const folder = require.resolve.paths(name)?.find((candidate) => existsSync(path.join(candidate, name)));
      const text = await readFile(path.join(folder ?? "", name, "package.json"), "utf8");
      return [name, (JSON.parse(text) as { version: string }).version] as const;
    }),
  );
}
