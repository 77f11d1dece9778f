import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { loadCaseLibrary } from "../plan/case-library.ts";
import { casePages, WRITTEN_BY } from "../plan/case-pages.ts";
import { loadErrorGuide } from "./error-guide.ts";
import { errorPage } from "./error-page.ts";

/** Where the pages of the cases are, below the folder of all pages. */
const CASES = "cases";

/** Every page that is made of the package's data: Markdown by path below the folder of pages. */
export function allPages(): ReadonlyMap<string, string> {
  const cases = [...casePages(loadCaseLibrary())].map(([name, text]) => [`${CASES}/${name}`, text] as const);
  return new Map([...cases, ["errors.md", errorPage(loadErrorGuide())]]);
}

/** Pages in `dir` that we wrote once, of suites that are no more; paths below it. A page of others is never among them. */
export function strayPages(dir: string, pages: ReadonlyMap<string, string> = allPages()): readonly string[] {
  const folder = path.join(dir, CASES);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(".md") && !pages.has(`${CASES}/${name}`))
    .filter((name) => readFileSync(path.join(folder, name), "utf8").includes(WRITTEN_BY))
    .map((name) => `${CASES}/${name}`);
}
