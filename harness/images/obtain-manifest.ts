import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { harnessError, hostError, messageOf } from "../core/errors.ts";
import { canonicalJson, sha256 } from "../core/json.ts";
import { inPhase, type Phase, type Progress } from "../core/ports.ts";
import { homeDir } from "../core/state-dir.ts";
import { hasProgram, run } from "../process/run.ts";
import { ensureTool } from "./ensure-tool.ts";
import { goConstant } from "./go-constant.ts";
import type { PublishedChart, PublishedFile, PublishedNetwork } from "./published-network.ts";

const FETCH_MS = 60_000;
const MODULE_MS = 180_000;
const RENDER_MS = 60_000;

interface ObtainCall {
  readonly progress: Progress;
  readonly signal?: AbortSignal | undefined;
}

interface Call extends ObtainCall {
  readonly phase: Phase;
}

/**
 * The manifest of what is published, such as a network, as its project has it, kept by its digest once it was had.
 * @throws PlumblineError PL_MANIFEST_FETCH (host) with each place that was tried; PL_MANIFEST_DIGEST if it is another one
 */
export async function obtainManifest(
  { name, version, manifest }: Pick<PublishedNetwork, "name" | "version" | "manifest">,
  call: ObtainCall,
): Promise<string> {
  return inPhase(call.progress, `manifest of ${name} ${version}`, (phase) => {
    const own = { ...call, phase };
    return "chart" in manifest ? rendered(manifest.chart, own) : fromFile(manifest.file, own);
  });
}

async function fromFile(file: PublishedFile, call: Call): Promise<string> {
  const text = await published(file, call);
  if (file.constant === undefined) return text;
  const constant = goConstant(text, file.constant);
  if (constant !== undefined) return constant;
  throw harnessError("PL_MANIFEST", `${file.url} has no constant ${file.constant} that is a string`);
}

async function published(file: PublishedFile, { phase, signal }: Call): Promise<string> {
  const kept = path.join(homeDir("cache", "published"), `${file.sha256.slice(0, 16)}-${path.posix.basename(file.url)}`);
  if (existsSync(kept)) return checked(readFileSync(kept, "utf8"), file, kept);
  const refusals: string[] = [];
  for (const place of [fromModule, fromUrl]) {
    try {
      const text = await place(file, signal);
      if (text === undefined) continue;
      keep(kept, checked(text, file, file.url));
      phase.update(file.url);
      return text;
    } catch (error) {
      signal?.throwIfAborted();
      if (isDigestError(error)) throw error;
      refusals.push(messageOf(error));
    }
  }
  throw hostError("PL_MANIFEST_FETCH", `the manifest ${file.url} cannot be had: ${refusals.join("; ")}`, {
    hint: `fetch it where there is a network, and lay it down here as ${kept}`,
  });
}

/** Of another process, a whole file or none. */
function keep(file: string, text: string): void {
  writeFileSync(`${file}.${process.pid}`, text);
  renameSync(`${file}.${process.pid}`, file);
}

const DIGEST = "PL_MANIFEST_DIGEST";

function isDigestError(error: unknown): boolean {
  return typeof error === "object" && error !== null && "code" in error && error.code === DIGEST;
}

function checked(text: string, { sha256: wanted, url }: PublishedFile, from: string): string {
  const digest = sha256(text);
  if (digest === wanted) return text;
  throw harnessError(DIGEST, `${from} has the digest sha256:${digest}, and not sha256:${wanted}`, {
    hint: from === url ? "upstream has changed what it published; it is not installed" : `remove ${from}`,
  });
}

async function fromModule({ module }: PublishedFile, signal: AbortSignal | undefined): Promise<string | undefined> {
  if (!module || !(await hasProgram("go"))) return undefined;
  return readFileSync(path.join(await moduleFolder(module, signal), module.file), "utf8");
}

async function fromUrl({ url }: PublishedFile, signal: AbortSignal | undefined): Promise<string> {
  const timeout = AbortSignal.timeout(FETCH_MS);
  try {
    const response = await fetch(url, { signal: signal ? AbortSignal.any([signal, timeout]) : timeout });
    if (!response.ok) throw new Error(`${new URL(url).host} answers ${response.status}`);
    return await response.text();
  } catch (cause) {
    const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
    throw hostError("PL_MANIFEST_FETCH", `${url}: ${messageOf(inner)}`, { cause });
  }
}

const downloaded = z.looseObject({ Dir: z.string() });

async function moduleFolder(
  module: { readonly path: string; readonly version: string },
  signal: AbortSignal | undefined,
): Promise<string> {
  const what = `${module.path}@${module.version}`;
  const { stdout } = await run("go", ["mod", "download", "-json", what], {
    timeoutMs: MODULE_MS,
    signal,
    cwd: "/",
    code: "PL_GO_MODULE",
    hint: `is the Go module proxy reachable? try: go mod download ${what}`,
  });
  return downloaded.parse(JSON.parse(stdout)).Dir;
}

/** As Helm renders it, with the chart of the module if there is Go, else with that of the repository. */
async function rendered(chart: PublishedChart, { progress, signal }: Call): Promise<string> {
  const { name, version, repository, module, release, namespace, values } = chart;
  const key = sha256(canonicalJson(chart)).slice(0, 16);
  const kept = path.join(homeDir("cache", "published"), `${key}-${name}-${version}.yaml`);
  if (existsSync(kept)) return readFileSync(kept, "utf8");
  const helm = await ensureTool("helm", { progress, signal });
  const folder = (await hasProgram("go")) ? await moduleFolder(module, signal) : undefined;
  const from =
    folder === undefined
      ? [name, "--repo", repository, "--version", version]
      : [path.join(folder, ...module.folder.split("/"))];
  const valuesFile = path.join(homeDir("cache", "published"), `${key}-values.json`);
  keep(valuesFile, JSON.stringify(values));
  const argv = ["template", release, ...from, "--namespace", namespace, "--include-crds", "--values", valuesFile];
  const { stdout } = await run(helm, argv, {
    timeoutMs: RENDER_MS,
    signal,
    code: "PL_MANIFEST_FETCH",
    hint: `is ${repository} reachable, or the Go module proxy?`,
  });
  keep(kept, stdout);
  return stdout;
}
