import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { packageRoot } from "../harness/core/package-root.ts";
import { run } from "../harness/process/run.ts";
import { foldEvents } from "../harness/results/model.ts";
import { readRecord } from "../harness/results/record-reader.ts";
import { figureLine } from "./figures.ts";

// npm run bench:first STACK [TIMES]: from nothing but images to the first verdict, on a cluster of its own.
const [stack = "ptp-thick", times = "3"] = process.argv.slice(2);
const main = path.join(packageRoot, "dist/harness/cli/main.js");
const firstMs: number[] = [];
const totalMs: number[] = [];
for (let i = 0; i < Number(times); i++) {
  const out = mkdtempSync(path.join(tmpdir(), "plumbline-bench-"));
  await run(process.execPath, [main, "-q", "run", "--stack", stack, "--out", out], {
    timeoutMs: 600_000,
    okExitCodes: "any",
  });
  const model = foldEvents(readRecord(path.join(out, "latest")).events);
  console.log(model.times.criticalPath.map((p) => `${p.title} ${(p.durationMs / 1000).toFixed(1)} s`).join(" > "));
  firstMs.push(model.times.firstVerdictMs ?? Number.NaN);
  totalMs.push(model.times.totalMs);
}
console.log(figureLine(`first verdict on ${stack}`, firstMs, stack.startsWith("ptp") ? 60_000 : 70_000));
console.log(figureLine(`whole run on ${stack}`, totalMs));
