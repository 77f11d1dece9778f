import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { renderAllure, type RenderAllureOptions } from "./render-allure.ts";
import { writeAllureResults, type AllureResultsOptions } from "./write-allure-results.ts";

/**
 * Makes the HTML of one run. Runs of one stack whose folders lie side by side share a history, which lies beside these
 * folders.
 * @param options.outDir folder of the report, in that of the run
 * @throws PlumblineError as of `writeAllureResults` and `renderAllure`; the signal's reason if aborted
 */
export async function writeAllureReport({
  model,
  recordDir,
  outDir,
  tool,
  signal,
}: AllureResultsOptions & Pick<RenderAllureOptions, "tool" | "signal">): Promise<void> {
  const resultsDir = mkdtempSync(path.join(tmpdir(), "plumbline-allure-"));
  try {
    await writeAllureResults({ model, recordDir, outDir: resultsDir });
    const runs = path.resolve(outDir, "..", "..");
    const historyDir = path.join(runs, ".allure-history", model.started.stack);
    await renderAllure({ resultsDirs: [resultsDir], outDir, historyDir, tool, signal });
  } finally {
    rmSync(resultsDir, { recursive: true, force: true });
  }
}
