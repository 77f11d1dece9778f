import { copyFileSync, linkSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import path from "node:path";
import { FileSystemWriter } from "allure-js-commons/sdk/reporter";
import { messageOf, usageError } from "../../harness/core/errors.ts";
import type { RunModel } from "../../harness/results/model.ts";
import { caseResults } from "./case-results.ts";
import { environmentOf, executorOf, runErrors } from "./run-facts.ts";
import { stableUuid } from "./stable-uuid.ts";
import { allureCategories } from "./standing.ts";

export interface AllureResultsOptions {
  readonly model: RunModel;
  /** Folder of the record, where its evidence lies. */
  readonly recordDir: string;
  /** Folder of the results, e.g. `allure-results`; results of an earlier call in it are replaced. */
  readonly outDir: string;
}

const OURS =
  /^([0-9a-f-]{36}-(result\.json|globals\.json|attachment(\.\w+)?)|categories\.json|environment\.properties|executor\.json)$/;

/**
 * Writes a run as Allure results, which Allure 2 and 3 read. The same record gives the same files.
 * @returns paths of the files
 * @throws PlumblineError PL_OUT if nothing can be written to `outDir`
 */
export async function writeAllureResults({
  model,
  recordDir,
  outDir,
}: AllureResultsOptions): Promise<readonly string[]> {
  const results = model.cases.flatMap((entry) => caseResults({ model, recordDir }, entry));
  try {
    mkdirSync(outDir, { recursive: true });
    for (const name of readdirSync(outDir).filter((file) => OURS.test(file))) rmSync(path.join(outDir, name));
    const writer = new FileSystemWriter({ resultsDir: outDir });
    for (const { result } of results) writer.writeResult(result);
    const files = new Map(results.flatMap((one) => one.files).map((file) => [file.attachment.source, file.from]));
    for (const [source, from] of files) linkOrCopy(from, path.join(outDir, source));
    writer.writeEnvironmentInfo(environmentOf(model));
    writer.writeCategoriesDefinitions(allureCategories());
    writer.writeGlobals(globalsName(model), { attachments: [], errors: runErrors(model) });
    writer.writeAttachment("executor.json", Buffer.from(JSON.stringify(executorOf(model))));
    return readdirSync(outDir)
      .filter((file) => OURS.test(file))
      .toSorted()
      .map((file) => path.join(outDir, file));
  } catch (cause) {
    throw usageError("PL_OUT", `no Allure results can be written to ${outDir}: ${messageOf(cause)}`, {
      hint: "name a folder that can be written",
      cause,
    });
  }
}

/** Evidence is most of a record, and never changes: a second name costs nothing, where the file system can give one. */
function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to);
  }
}

function globalsName({ started }: RunModel): string {
  return `${stableUuid(started.runId)}-globals.json`;
}
