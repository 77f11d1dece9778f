import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { hostError } from "../../harness/core/errors.ts";
import { packageFile } from "../../harness/core/package-root.ts";
import { run } from "../../harness/process/run.ts";

/** `allure2` is allure-commandline, a Java program; `allure3` runs on Node. Both read the same results. */
export type AllureTool = "allure2" | "allure3";

export interface FoundAllure {
  readonly tool: AllureTool;
  readonly program: string;
}

const PACKAGES = {
  allure2: { name: "allure-commandline", program: "dist/bin/allure" },
  allure3: { name: "allure", program: "cli.js" },
} as const;

/**
 * The Allure to make HTML with: the one that is asked for, else Allure 2 where there is a Java, else Allure 3. Neither is
 * shipped with Plumbline (33 and 53 MB); they are optional peers of the package.
 * @param folders where packages are looked for, as if a file in them imported one
 * @throws PlumblineError PL_ALLURE_MISSING, PL_JAVA_MISSING
 */
export async function findAllure(
  wanted: AllureTool | undefined,
  folders: readonly string[] = [packageFile("."), path.resolve(".")],
): Promise<FoundAllure> {
  if (wanted === "allure3") return installed("allure3", folders) ?? missing("allure3");
  const java = await hasJava();
  if (java) {
    // without a wish, what is there is better than what would have to be installed first
    const other = wanted === undefined ? installed("allure3", folders) : undefined;
    return installed("allure2", folders) ?? other ?? missing("allure2");
  }
  if (wanted === undefined) return installed("allure3", folders) ?? missing("allure3");
  throw hostError("PL_JAVA_MISSING", "Allure 2 is a Java program, and `java -version` does not run here", {
    hint: "install a Java runtime (11 or later) or set JAVA_HOME, or use Allure 3, which needs none",
  });
}

function installed(tool: AllureTool, folders: readonly string[]): FoundAllure | undefined {
  const { name, program } = PACKAGES[tool];
  const file = folders
    .flatMap((folder) => createRequire(path.join(folder, "_")).resolve.paths(name) ?? [])
    .map((modules) => path.join(modules, name, program))
    .find((candidate) => existsSync(candidate));
  return file === undefined ? undefined : { tool, program: file };
}

function missing(tool: AllureTool): never {
  const { name } = PACKAGES[tool];
  throw hostError("PL_ALLURE_MISSING", `the HTML report is made by ${name}, which is not installed`, {
    hint: `npm install ${name}@${testedVersion(name)} (with --global if Plumbline is), then make the report again`,
  });
}

/** The oldest version that package.json allows is the one that was tried. */
function testedVersion(name: string): string {
  const parsed: unknown = JSON.parse(readFileSync(packageFile("package.json"), "utf8"));
  const { peerDependencies } = parsed as { peerDependencies: Record<string, string> };
  return peerDependencies[name]?.replace(/^\^/, "") ?? "latest";
}

async function hasJava(): Promise<boolean> {
  const java = await run("sh", ["-c", '"${JAVA_HOME:+$JAVA_HOME/bin/}java" -version'], {
    timeoutMs: 30_000,
    okExitCodes: "any",
  });
  return java.exitCode === 0;
}
