import { existsSync } from "node:fs";
import path from "node:path";
import { packageRoot } from "../harness/core/package-root.ts";
import { checkDirection } from "./direction.ts";

const FOLDERS = ["device-plugin", "harness", "suites", "reports", "test", "tools", "bench"];

const folders = FOLDERS.filter((folder) => existsSync(path.join(packageRoot, folder)));
const { cruised, violations } = await checkDirection(packageRoot, folders);
for (const { rule, from, to, comment } of violations)
  console.error(`${rule}: ${from} -> ${to}${comment ? ` (${comment})` : ""}`);
// With a compiler that the tool does not know it finds no module, and calls that clean.
if (cruised === 0) console.error("no module was cruised: does dependency-cruiser know this TypeScript?");
if (violations.length > 0 || cruised === 0) process.exit(1);
console.log(`directions: ${cruised} modules, no violation`);
