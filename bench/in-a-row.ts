import { existsSync } from "node:fs";
import path from "node:path";
import { packageRoot } from "../harness/core/package-root.ts";
import { run } from "../harness/process/run.ts";
import { foldEvents, type CaseModel, type RunModel } from "../harness/results/model.ts";
import { readRecord } from "../harness/results/record-reader.ts";
import { figureLine } from "./figures.ts";

// npm run bench:row -- STACK TIMES OUT [OPTION...]: the same run many times in a row, on a cluster that stays; which
// cases changed their answer, and how. A run whose record is in OUT already is read, not made again, so that a series
// that was broken off goes on. Ends with 1 if any answer changed.
const [stack = "ptp-thick", times = "20", out = "out/in-a-row", ...options] = process.argv.slice(2);
const main = path.join(packageRoot, "dist/harness/cli/main.js");

/** What must not change from run to run: the status, what did not hold, and what excuses or skips it. */
function answerOf({ verdict, broken }: CaseModel): string {
  const { status, skip, deviation } = verdict;
  return [status, skip?.code, deviation, ...broken.toSorted()].filter(Boolean).join(" ");
}

async function record(number: number): Promise<RunModel> {
  const folder = path.join(out, String(number));
  const latest = path.join(folder, "latest");
  if (!existsSync(latest)) {
    const args = ["-q", "run", "--stack", stack, "--profile", "full", "--reuse", "--out", folder, ...options];
    await run(process.execPath, [main, ...args], { timeoutMs: 3_600_000, okExitCodes: "any" });
  }
  return foldEvents(readRecord(latest).events);
}

const totalMs: number[] = [];
const answers = new Map<string, string[]>();
let incomplete = 0;
for (let number = 1; number <= Number(times); number++) {
  const model = await record(number);
  totalMs.push(model.times.totalMs);
  if (!model.ended || model.interrupted !== undefined) incomplete++;
  for (const one of model.cases) answers.set(one.id, [...(answers.get(one.id) ?? []), answerOf(one)]);
  const counts = Object.entries(model.counts).filter(([, count]) => count > 0);
  const said = counts.map(([status, count]) => `${count} ${status}`).join(", ");
  const exit = model.ended ? `exit ${model.ended.exitCode}` : "no end";
  console.log(`${stack} ${number} of ${times}: ${said}; ${(model.times.totalMs / 1000).toFixed(0)} s, ${exit}`);
}

const changed = [...answers].filter(([, seen]) => new Set(seen).size > 1 || seen.length !== totalMs.length);
for (const [id, seen] of changed) {
  for (const answer of new Set(seen)) {
    const runs = seen.flatMap((one, at) => (one === answer ? [at + 1] : []));
    console.log(`${id}: ${answer}, in ${runs.length} of ${totalMs.length} (runs ${runs.join(", ")})`);
  }
}
console.log(figureLine(`whole run on ${stack}`, totalMs));
console.log(
  `${answers.size} cases, ${totalMs.length} runs, ${incomplete} broken off: ${changed.length} answers changed`,
);
process.exitCode = changed.length + incomplete > 0 ? 1 : 0;
