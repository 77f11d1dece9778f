import { appendFileSync, copyFileSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { packageRoot } from "../harness/core/package-root.ts";
import { run } from "../harness/process/run.ts";
import { foldEvents } from "../harness/results/model.ts";
import { readRecord } from "../harness/results/record-reader.ts";
import { figureLine } from "./figures.ts";

// npm run bench:one-case -- STACK TIMES [--plugin FILE] CASE...: one case again with --reuse, as somebody has it who edits
// it, or the plugin that it asks, from the command to its verdict and to its end. The cluster must stand:
// `plumbline up --stack STACK`.
const { values, positionals } = parseArgs({ options: { plugin: { type: "string" } }, allowPositionals: true });
const [stack = "ptp-thick", times = "5", ...given] = positionals;
const cases = given.length > 0 ? given : ["CNI-001", "ATT-001"];
const plugin = values.plugin === undefined ? undefined : copyOf(values.plugin);
const main = path.join(packageRoot, "dist/harness/cli/main.js");
const GOAL_MS = 10_000;

function copyOf(file: string): string {
  const copy = path.join(mkdtempSync(path.join(tmpdir(), "plumbline-bench-")), path.basename(file));
  copyFileSync(file, copy);
  return copy;
}

async function once(id: string): Promise<{ readonly verdictMs: number; readonly totalMs: number }> {
  const out = mkdtempSync(path.join(tmpdir(), "plumbline-bench-"));
  // what is behind the end of a program changes nothing but what it is known by
  if (plugin !== undefined) appendFileSync(plugin, "\n");
  const began = Date.now();
  const asked = plugin === undefined ? [] : ["--plugin", plugin];
  const args = ["-q", "run", "--stack", stack, ...asked, "--case", id, "--reuse", "--out", out];
  await run(process.execPath, [main, ...args], { timeoutMs: 300_000, okExitCodes: "any" });
  const totalMs = Date.now() - began;
  const { events } = readRecord(path.join(out, "latest"));
  if (foldEvents(events).testbed?.reused !== true) throw new Error(`no cluster with ${stack} stood that could be used`);
  const end = events.find((event) => event.type === "case-ended" && event.caseId === id);
  return { verdictMs: end ? Date.parse(end.at) - began : Number.NaN, totalMs };
}

for (const id of cases) {
  const seen: Awaited<ReturnType<typeof once>>[] = [];
  for (let i = 0; i < Number(times); i++) seen.push(await once(id));
  const figure = (what: string, of: (one: (typeof seen)[number]) => number): void =>
    console.log(figureLine(`${id} on ${stack}, ${what}`, seen.map(of), GOAL_MS));
  figure("to its verdict", ({ verdictMs }) => verdictMs);
  figure("to the end", ({ totalMs }) => totalMs);
}
