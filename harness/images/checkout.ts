import { readFile, readdir, stat } from "node:fs/promises";
import path from "node:path";
import { messageOf, usageError } from "../core/errors.ts";
import { sha256 } from "../core/json.ts";
import { run } from "../process/run.ts";
import { directives } from "./go-wrapper.ts";

/** A checkout of Multus on this host. */
export interface Checkout {
  readonly folder: string;
  /** As its go.mod calls it. */
  readonly module: string;
  /** As `git describe` tells it, else `local`. */
  readonly described: string;
  /** In hex, of all that programs and manifests are made of. */
  readonly digest: string;
}

/** What neither programs nor manifests are made of. */
const LEFT_OUT = new Set([".git", ".github", "bin", "docs", "node_modules", "vendor"]);

/** Looks at a folder. @throws PlumblineError PL_MULTUS_SOURCE (usage) if it is no checkout of Multus */
export async function readCheckout(folder: string, signal: AbortSignal | undefined): Promise<Checkout> {
  const full = path.resolve(folder);
  const goMod = await readFile(path.join(full, "go.mod"), "utf8").catch((cause: unknown) => {
    throw noCheckout(folder, `its go.mod cannot be read: ${messageOf(cause)}`, cause);
  });
  const [module = ""] = directives(goMod, "module");
  for (const part of ["cmd/multus", "deployments"]) {
    if ((await stat(path.join(full, part)).catch(() => undefined))?.isDirectory()) continue;
    throw noCheckout(folder, `it has no folder ${part}`);
  }
  const [described, digest] = await Promise.all([describe(full, signal), digestOf(full)]);
  return { folder: full, module, described, digest };
}

function noCheckout(folder: string, why: string, cause?: unknown): Error {
  return usageError("PL_MULTUS_SOURCE", `${folder} is no checkout of Multus: ${why}`, {
    hint: "git clone https://github.com/k8snetworkplumbingwg/multus-cni, then give --multus ./multus-cni",
    cause,
  });
}

async function describe(folder: string, signal: AbortSignal | undefined): Promise<string> {
  const argv = ["-C", folder, "describe", "--tags", "--always", "--dirty"];
  const told = await run("git", argv, { timeoutMs: 10_000, signal, okExitCodes: "any" }).catch(() => undefined);
  signal?.throwIfAborted();
  return told?.exitCode === 0 ? told.stdout.trim() : "local";
}

async function digestOf(folder: string): Promise<string> {
  const files = (await filesIn(folder, "")).toSorted();
  const lines = await Promise.all(
    files.map(async (file) => `${file}\0${sha256(await readFile(path.join(folder, file)))}\n`),
  );
  return sha256(lines.join(""));
}

async function filesIn(root: string, below: string): Promise<readonly string[]> {
  const entries = await readdir(path.join(root, below), { withFileTypes: true });
  const found = await Promise.all(
    entries.map(async (entry) => {
      const file = path.posix.join(below, entry.name);
      if (entry.isDirectory()) return LEFT_OUT.has(entry.name) ? [] : filesIn(root, file);
      return entry.isFile() ? [file] : [];
    }),
  );
  return found.flat();
}
