import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { packageFile } from "../harness/core/package-root.ts";
import { run, type Finished } from "../harness/process/run.ts";

const NODE = [process.execPath, "--import", import.meta.resolve("tsx")] as const;

/** As a script or a CI job runs it: no terminal, no colours, no Docker, a home of its own. */
function environment(home: string): Record<string, string | undefined> {
  return {
    PLUMBLINE_HOME: home,
    DOCKER_HOST: `unix://${path.join(home, "no-docker.sock")}`,
    CI: undefined,
    NO_COLOR: undefined,
    FORCE_COLOR: undefined,
    NODE_OPTIONS: undefined,
  };
}

/** Runs a TypeScript file of the tree, by default the program itself. */
export async function runCli(
  args: readonly string[],
  script = packageFile("harness", "cli", "main.ts"),
): Promise<Finished> {
  return inHome((home) => {
    const [node, ...rest] = NODE;
    return run(node, [...rest, script, ...args], { ...bounds(home) });
  });
}

/** The same with a terminal of 60 columns as stdin, stdout and stderr; both outputs come as stdout. */
export async function runOnTerminal(args: readonly string[], script?: string): Promise<Finished> {
  const words = [...NODE, script ?? packageFile("harness", "cli", "main.ts"), ...args];
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
