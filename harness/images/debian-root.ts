import { createReadStream } from "node:fs";
import { access, readFile, rename, writeFile } from "node:fs/promises";
import { createHash } from "node:crypto";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { canonicalJson, sha256 } from "../core/json.ts";
import { homeDir } from "../core/state-dir.ts";
import { run } from "../process/run.ts";
import { hostAptSources, type AptSources } from "./apt-sources.ts";
import type { RootRecipe } from "./recipe.ts";

/** A root file system as a tar file. */
export interface DebianRoot {
  readonly tarFile: string;
  /** `sha256:...` of the tar file, which is also the id of the layer that it makes. */
  readonly digest: string;
}

/** Files and times are cut to this date, so that equal packages give equal archives. */
const EPOCH = "1735689600";

const LEFT_OUT = [
  "/usr/share/doc/*",
  "/usr/share/man/*",
  "/usr/share/info/*",
  "/usr/share/locale/*",
  "/usr/share/lintian/*",
];

/**
 * Removed once all is installed: half of the files that a node would unpack for each image. Perl is there for packages that
 * set themselves up with it.
 */
const REMOVED = [
  "usr/share/perl",
  "usr/share/perl5",
  "usr/lib/*/perl",
  "usr/share/zoneinfo/*",
  "usr/lib/*/gconv",
  "usr/share/bash-completion",
];

/** Key of a root file system: the release, where packages come from and which ones. Versions of packages are the archive's own. */
export function rootKey(recipe: RootRecipe, sources: AptSources): string {
  return sha256(
    canonicalJson({ packages: recipe.packages, ...sources, leftOut: LEFT_OUT, removed: REMOVED, arch: process.arch }),
  );
}

/** Where the root file system of `recipe` lies, or will. */
export async function rootPlan(recipe: RootRecipe): Promise<{ key: string; tarFile: string; sources: AptSources }> {
  const sources = await hostAptSources();
  const key = rootKey(recipe, sources);
  return { key, sources, tarFile: path.join(homeDir("cache", "roots"), `${recipe.name}-${key.slice(0, 12)}.tar`) };
}

/** @returns undefined if it has not been made yet */
export async function cachedRoot(recipe: RootRecipe): Promise<DebianRoot | undefined> {
  const { tarFile } = await rootPlan(recipe);
  try {
    await access(tarFile);
    return { tarFile, digest: (await readFile(`${tarFile}.digest`, "utf8")).trim() };
  } catch {
    return undefined;
  }
}

/**
 * Makes a root file system from the host's own package source.
 * @throws PlumblineError PL_ROOT with the end of mmdebstrap's output
 */
export async function makeRoot(
  recipe: RootRecipe,
  options: { readonly signal?: AbortSignal | undefined; readonly onLine?: (line: string) => void },
): Promise<DebianRoot> {
  const { tarFile, sources } = await rootPlan(recipe);
  const temporary = `${tarFile}.${process.pid}.tar`;
  await run(
    "mmdebstrap",
    [
      "--variant=minbase",
      `--include=${recipe.packages.join(",")}`,
      "--dpkgopt=force-unsafe-io",
      ...LEFT_OUT.map((pattern) => `--dpkgopt=path-exclude=${pattern}`),
      "--dpkgopt=path-include=/usr/share/doc/*/copyright",
      "--aptopt=APT::Install-Recommends false",
      `--customize-hook=cd "$1" && rm -rf ${REMOVED.join(" ")}`,
      sources.suite,
      temporary,
      "-",
    ],
    {
      ...options,
      timeoutMs: 900_000,
      stdin: `${sources.lines.join("\n")}\n`,
      env: { SOURCE_DATE_EPOCH: EPOCH, DEBIAN_FRONTEND: "noninteractive" },
      code: "PL_ROOT",
      hint: "are the host's package sources reachable? try: apt-get update",
    },
  );
  const digest = await digestOf(temporary);
  await writeFile(`${tarFile}.digest`, `${digest}\n`);
  await rename(temporary, tarFile);
  return { tarFile, digest };
}

/** `sha256:...` of a file of any size. */
export async function digestOf(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return `sha256:${hash.digest("hex")}`;
}
