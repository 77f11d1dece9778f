import path from "node:path";
import { packageRoot } from "../harness/core/package-root.ts";
import { run } from "../harness/process/run.ts";
import { figureLine } from "./figures.ts";

// npm run bench:cli: how long the compiled program takes to say what it can do. Build first.
const main = path.join(packageRoot, "dist/harness/cli/main.js");
for (const args of [["--help"], ["list"]]) {
  const timesMs: number[] = [];
  for (let i = 0; i < 20; i++) {
    timesMs.push((await run(process.execPath, [main, ...args], { timeoutMs: 20_000 })).durationMs);
  }
  console.log(figureLine(`plumbline ${args.join(" ")}`, timesMs, 700));
}
