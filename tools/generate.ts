import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { packageFile } from "../harness/core/package-root.ts";
import { checkPlan } from "../harness/plan/check-plan.ts";
import { loadPlan } from "../harness/plan/load-plan.ts";
import { GENERATED, generatedText } from "./generated-files.ts";

// `npm run generate` writes what is stale; with `--check` it only names it, and looks at the plan's consistency.
const checkOnly = process.argv.includes("--check");

const problems: string[] = [];
for (const generated of GENERATED) {
  const file = packageFile(generated.file);
  const text = await generatedText(generated);
  if (existsSync(file) && readFileSync(file, "utf8") === text) continue;
  if (checkOnly) {
    problems.push(`${generated.file} is stale: run \`npm run generate\``);
    continue;
  }
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
  console.log(`wrote ${generated.file}`);
}
if (problems.length === 0) problems.push(...checkPlan(loadPlan()));

for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exit(1);
console.log(`generated files: ${GENERATED.length}, all fresh; cases, clauses, faults, profiles and deviations agree`);
