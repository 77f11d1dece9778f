import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { packageRoot } from "../harness/core/package-root.ts";
import { run } from "../harness/process/run.ts";
import { foldEvents } from "../harness/results/model.ts";
import { readRecord } from "../harness/results/record-reader.ts";
import { figureLine } from "./figures.ts";

// npm run bench:first STACK [TIMES] [OPTION...]: from nothing but images to the first verdict, on a cluster of its own.
// With `--plugin ./bin/my-cni --layer L0` among the options of `run`: to the first answer of a plugin that somebody writes.
const [stack = "ptp-thick", times = "3", ...options] = process.argv.slice(2);
const goalMs = options.includes("--plugin") ? 30_000 : stack.startsWith("ptp") ? 60_000 : 70_000;
const main = path.join(packageRoot, "dist/harness/cli/main.js");
const firstMs: number[] = [];
const totalMs: number[] = [];
for (let i = 0; i < Number(times); i++) {
  const out = mkdtempSync(path.join(tmpdir(), "plumbline-bench-"));
  await run(process.execPath, [main, "-q", "run", "--stack", stack, "--out", out, ...options], {
    timeoutMs: 600_000,
    okExitCodes: "any",
  });
  const model = foldEvents(readRecord(path.join(out, "latest")).events);
  console.log(model.times.criticalPath.map((p) => `${p.title} ${(p.durationMs / 1000).toFixed(1)} s`).join(" > "));
  firstMs.push(model.times.firstVerdictMs ?? Number.NaN);
  totalMs.push(model.times.totalMs);
}
console.log(figureLine(`first verdict on ${stack}`, firstMs, goalMs));
console.log(figureLine(`whole run on ${stack}`, totalMs));
