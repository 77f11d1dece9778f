import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { run, type RunOptions } from "../../harness/process/run.ts";
import type { FoundAllure } from "./find-allure.ts";

export interface GenerateOptions {
  readonly resultsDirs: readonly string[];
  /** An empty folder for whatever is needed on the way. */
  readonly workDir: string;
  readonly name: string;
  readonly singleFile: boolean;
  /** The state that the run before left, as `historyDir` of what was generated then. */
  readonly history: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface Generated {
  readonly reportDir: string;
  /** What the next report needs of this one. */
  readonly historyDir: string;
}

/** @throws PlumblineError PL_ALLURE with the end of what Allure said */
export function generateReport(allure: FoundAllure, options: GenerateOptions): Promise<Generated> {
  return allure.tool === "allure2" ? byAllure2(allure.program, options) : byAllure3(allure.program, options);
}

/** Reads the history from a folder `history` among its results, and leaves the next one in the report. */
async function byAllure2(program: string, options: GenerateOptions): Promise<Generated> {
  const { workDir, history, name } = options;
  const inputs = [...options.resultsDirs, ...(history === undefined ? [] : [history])].map((dir) => path.resolve(dir));
  const generate = async (output: string, ...more: readonly string[]): Promise<void> => {
    const args = ["generate", ...inputs, "--output", output, "--report-name", name, ...more];
    await run(program, args, commandOptions(options));
  };
  const reportDir = path.join(workDir, "report");
  const historyDir = path.join(workDir, "kept");
  await generate(reportDir);
  mkdirSync(historyDir);
  cpSync(path.join(reportDir, "history"), path.join(historyDir, "history"), { recursive: true });
  if (!options.singleFile) return { reportDir, historyDir };
  // a single file has no history to take out
  const single = path.join(workDir, "single");
  await generate(single, "--single-file");
  return { reportDir: single, historyDir };
}

/** Reads and appends one file. Categories are a matter of its configuration, not of the results. */
async function byAllure3(program: string, options: GenerateOptions): Promise<Generated> {
  const { workDir, history, name, singleFile } = options;
  const reportDir = path.join(workDir, "report");
  const historyDir = path.join(workDir, "kept");
  mkdirSync(historyDir);
  if (history !== undefined) cpSync(history, historyDir, { recursive: true });
  const config = {
    name,
    output: reportDir,
    historyPath: path.join(historyDir, "history.jsonl"),
    historyLimit: 20,
    categories: options.resultsDirs.map(categoriesIn).at(0),
    plugins: { awesome: { options: { reportName: name, singleFile, groupBy: ["epic", "feature", "story"] } } },
  };
  const file = path.join(workDir, "allurerc.json");
  writeFileSync(file, JSON.stringify(config));
  // a configuration that happens to lie in the working directory must not change the report
  const args = [program, "generate", "--config", file, "--cwd", workDir];
  await run(
    process.execPath,
    [...args, ...options.resultsDirs.map((dir) => path.resolve(dir))],
    commandOptions(options),
  );
  return { reportDir, historyDir };
}

function categoriesIn(resultsDir: string): unknown {
  const file = path.join(resultsDir, "categories.json");
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : undefined;
}

function commandOptions({ signal, workDir }: GenerateOptions): RunOptions {
  return {
    timeoutMs: 300_000,
    signal,
    cwd: workDir,
    // only this very word counts
    env: { ALLURE_NO_ANALYTICS: "true" },
    code: "PL_ALLURE",
    hint: "the results are complete, any Allure can read them",
  };
}
