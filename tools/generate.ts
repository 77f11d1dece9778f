import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { strayPages } from "../harness/cli/doc-pages.ts";
import { loadErrorGuide } from "../harness/cli/error-guide.ts";
import { packageFile } from "../harness/core/package-root.ts";
import { checkPlan } from "../harness/plan/check-plan.ts";
import { loadPlan } from "../harness/plan/load-plan.ts";
import { codesInSources, errorGuideProblems } from "./error-codes.ts";
import { GENERATED, generatedPages, generatedText, type GeneratedFile } from "./generated-files.ts";

// `npm run generate` writes what is stale; with `--check` it only names it, and looks at the plan's consistency.
const checkOnly = process.argv.includes("--check");

const problems: string[] = [];
let count = 0;
for (const generated of GENERATED) await refresh(generated);
for (const page of generatedPages()) await refresh(page);
for (const name of strayPages(packageFile("docs"))) {
  if (checkOnly) problems.push(`docs/${name} is of no suite: run \`npm run generate\``);
  else rmSync(packageFile("docs", name));
}
if (problems.length === 0) problems.push(...checkPlan(loadPlan()));
problems.push(...errorGuideProblems(loadErrorGuide(), codesInSources()));

for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exit(1);
console.log(
  `generated files: ${count}, all fresh; cases, clauses, faults, profiles, deviations and the guide to errors agree`,
);

async function refresh(generated: GeneratedFile): Promise<void> {
  count++;
  const file = packageFile(generated.file);
  const text = await generatedText(generated);
  if (existsSync(file) && readFileSync(file, "utf8") === text) return;
  if (checkOnly) {
    problems.push(`${generated.file} is stale: run \`npm run generate\``);
    return;
  }
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
  console.log(`wrote ${generated.file}`);
}
