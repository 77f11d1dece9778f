import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { configJsonSchema } from "../harness/config/schema.ts";
import { packageFile } from "../harness/core/package-root.ts";
import { makeCaseIndex } from "../harness/plan/case-index.ts";
import { eventsJsonSchema } from "../harness/results/events.ts";
import { collectCases } from "../harness/testkit/collect.ts";
import { suitesOf } from "../harness/testkit/define.ts";
import { conformanceJsonSchema } from "../reports/conformance/schema.ts";

/** A file of the tree that is computed from the sources. Add a line to `GENERATED` for another one. `content` may be a promise. */
export interface GeneratedFile {
  /** Relative to the package. */
  readonly file: string;
  readonly content: () => unknown;
}

export const GENERATED: readonly GeneratedFile[] = [
  { file: "schemas/plumbline.schema.json", content: configJsonSchema },
  { file: "schemas/conformance.schema.json", content: conformanceJsonSchema },
  { file: "schemas/events.schema.json", content: eventsJsonSchema },
  { file: "fixtures/case-index.json", content: caseIndex },
];

/** What the file should hold. */
export async function generatedText({ content }: GeneratedFile): Promise<string> {
  return `${JSON.stringify(await content(), undefined, 2)}\n`;
}

async function caseIndex(): Promise<unknown> {
  const files = suiteFiles();
  const entries = [];
  for (const file of files) {
    const suites = await suitesOf(() => import(pathToFileURL(packageFile(file)).href));
    entries.push(...collectCases(suites, file.replace(/\.ts$/, "")));
  }
  return makeCaseIndex(entries, new Map(files.map((file) => [file, readFileSync(packageFile(file), "utf8")])));
}

/** Paths of all suites, relative to the package, forward slashes. */
function suiteFiles(): string[] {
  return readdirSync(packageFile("suites"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".suite.ts"))
    .map((entry) => path.relative(packageFile(), path.join(entry.parentPath, entry.name)).replaceAll(path.sep, "/"))
    .toSorted();
}
