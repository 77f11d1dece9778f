import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { usageError } from "../../harness/core/errors.ts";
import { findAllure, type AllureTool, type FoundAllure } from "./find-allure.ts";
import { generateReport } from "./generate-report.ts";
import { KeptHistory } from "./kept-history.ts";
import { makePagesPrivate } from "./private-pages.ts";

export interface RenderAllureOptions {
  /** Folders that `writeAllureResults` has written, one for each run that the report is to show. */
  readonly resultsDirs: readonly string[];
  /** Folder of the report; a report that lies there is replaced. */
  readonly outDir: string;
  /** Default: Allure 2 where there is a Java, else Allure 3. */
  readonly tool?: AllureTool | undefined;
  /** A folder that is kept between runs of one stack, for trends and the history of each case. */
  readonly historyDir?: string | undefined;
  /** One HTML file with all in it, which opens without a web server. */
  readonly singleFile?: boolean;
  readonly signal?: AbortSignal | undefined;
  /** Where the packages of Allure are looked for; see `findAllure`. */
  readonly packageFolders?: readonly string[];
}

export interface RenderedAllure {
  readonly tool: AllureTool;
  /** Path of the page to open. */
  readonly index: string;
}

/**
 * Makes the HTML report. It replaces an earlier one only when it is complete and free of analytics.
 * @throws PlumblineError PL_ALLURE_MISSING, PL_JAVA_MISSING, PL_ALLURE, PL_ALLURE_ANALYTICS; PL_OUT if `outDir` has
 *   something else in it; PL_ALLURE_RESULTS if a folder has no results of ours
 */
export async function renderAllure(options: RenderAllureOptions): Promise<RenderedAllure> {
  const { resultsDirs, outDir, historyDir, signal } = options;
  const executors = resultsDirs.map(executorIn);
  refuseForeign(outDir);
  const allure = await findAllure(options.tool, options.packageFolders);
  const order = Math.max(...executors.map(({ buildOrder }) => buildOrder));
  const name = [...new Set(executors.map(({ reportName }) => reportName))].join(", ");
  const kept = historyDir === undefined ? undefined : new KeptHistory(historyDir, allure.tool);
  const history = kept?.before(order);
  const workDir = makeWorkDir(outDir);
  try {
    const generated = await generateReport(allure, {
      resultsDirs,
      workDir,
      name,
      singleFile: options.singleFile ?? false,
      history: history === undefined ? undefined : path.resolve(history),
      signal,
    });
    makePagesPrivate(generated.reportDir);
    rmSync(outDir, { recursive: true, force: true });
    renameSync(generated.reportDir, outDir);
    kept?.keep(order, generated.historyDir);
  } finally {
    rmSync(workDir, { recursive: true, force: true });
  }
  return rendered(allure, outDir);
}

function rendered({ tool }: FoundAllure, outDir: string): RenderedAllure {
  return { tool, index: path.join(outDir, "index.html") };
}

const executorSchema = z.object({ buildOrder: z.number().int(), reportName: z.string() });

function executorIn(resultsDir: string): z.infer<typeof executorSchema> {
  try {
    return executorSchema.parse(JSON.parse(readFileSync(path.join(resultsDir, "executor.json"), "utf8")));
  } catch (cause) {
    throw usageError("PL_ALLURE_RESULTS", `${resultsDir} has no Allure results that Plumbline wrote`, { cause });
  }
}

/** The folder is replaced as a whole, so it must be a report, or nothing yet. */
function refuseForeign(outDir: string): void {
  if (!existsSync(outDir)) return;
  const names = readdirSync(outDir);
  if (names.length === 0) return;
  const index = path.join(outDir, "index.html");
  if (existsSync(index) && /allure/i.test(readFileSync(index, "utf8"))) return;
  throw usageError("PL_OUT", `${outDir} has files in it that are no Allure report: it is not replaced`, {
    hint: "name another folder, or empty this one",
  });
}

/** Beside the report, so that it can be renamed into place. */
function makeWorkDir(outDir: string): string {
  const parent = path.dirname(path.resolve(outDir));
  mkdirSync(parent, { recursive: true });
  return mkdtempSync(path.join(parent, ".allure-"));
}
