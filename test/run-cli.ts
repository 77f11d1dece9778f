import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { packageFile } from "../harness/core/package-root.ts";
import { run, type Finished } from "../harness/process/run.ts";
import { bundleProgram, sourcesOf } from "../tools/bundle.ts";

/** Where the program is compiled to; its package.json and fixtures are found above it. */
const BUILD = packageFile("out", "test-build");

let built: Promise<unknown> | undefined;

/** Makes it once: starting the sources a few dozen times would take the whole minute. */
function build(): Promise<unknown> {
  built ??= bundleProgram(BUILD);
  return built;
}

/** The command line of the program, or of a TypeScript file of the tree. */
async function commandLine(args: readonly string[], script: string | undefined): Promise<[string, ...string[]]> {
  if (script !== undefined) return [process.execPath, "--import", import.meta.resolve("tsx"), script, ...args];
  return [process.execPath, await builtProgram(), ...args];
}

/** Path of the compiled program. */
export async function builtProgram(): Promise<string> {
  await build();
  return path.join(BUILD, "harness", "cli", "main.js");
}

/** As a script or a CI job runs it: no terminal, no colours, no Docker, a home of its own. */
function environment(home: string): Record<string, string | undefined> {
  return {
    PLUMBLINE_HOME: home,
    DOCKER_HOST: `unix://${path.join(home, "no-docker.sock")}`,
    CI: undefined,
    NO_COLOR: undefined,
    FORCE_COLOR: undefined,
    NODE_OPTIONS: undefined,
    GITHUB_STEP_SUMMARY: undefined,
  };
}

/** Runs the program, or a TypeScript file of the tree, with pipes. @param env what of the environment is otherwise */
export async function runCli(
  args: readonly string[],
  script?: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Finished> {
  const [file, ...rest] = await commandLine(args, script);
  return inHome((home) => run(file, rest, { ...bounds(home), env: { ...environment(home), ...env } }));
}

/** The program in a folder of the caller's, which is its home too, with more in its environment. */
export async function runCliIn(
  home: string,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>> = {},
): Promise<Finished> {
  const [file, ...rest] = await commandLine(args, undefined);
  const plain = bounds(home);
  return run(file, rest, { ...plain, timeoutMs: 100_000, env: { ...plain.env, ...env } });
}

/** The sources of all that the program loads with these arguments; what V8 has covered, it has loaded. */
export async function modulesLoadedBy(args: readonly string[]): Promise<readonly string[]> {
  const [file, ...rest] = await commandLine(args, undefined);
  const loaded = new Set<string>();
  await inHome(async (home) => {
    const { env, ...others } = bounds(home);
    const dir = path.join(home, "coverage");
    const finished = await run(file, rest, { ...others, env: { ...env, NODE_V8_COVERAGE: dir } });
    for (const name of readdirSync(dir)) {
      const report = JSON.parse(readFileSync(path.join(dir, name), "utf8")) as Coverage;
      for (const { url } of report.result) if (url.startsWith("file:")) loaded.add(fileURLToPath(url));
    }
    return finished;
  });
  return sourcesOf(BUILD, [...loaded]);
}

interface Coverage {
  readonly result: readonly { readonly url: string }[];
}

/** The same with a terminal of 60 columns as stdin, stdout and stderr; both outputs come as stdout. */
export async function runOnTerminal(args: readonly string[], script?: string): Promise<Finished> {
  const words = await commandLine(args, script);
  const command = words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
  return inHome((home) =>
    run("script", ["-qec", `stty cols 60 rows 20; ${command}`, "/dev/null"], { ...bounds(home), stdin: "" }),
  );
}

function bounds(home: string) {
  return { timeoutMs: 30_000, okExitCodes: "any", cwd: home, env: environment(home) } as const;
}

async function inHome(work: (home: string) => Promise<Finished>): Promise<Finished> {
  const home = mkdtempSync(path.join(tmpdir(), "plumbline-home-"));
  try {
    return await work(home);
  } finally {
    rmSync(home, { recursive: true });
  }
}
