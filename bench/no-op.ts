import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { silentProgress } from "../harness/core/ports.ts";
import { Scope } from "../harness/core/scope.ts";
import { LanePool } from "../harness/run/lane-pool.ts";
import { laneTestbed } from "../harness/run/prepare-testbed.ts";
import { openTestbed } from "../harness/run/testbed.ts";
import { figureLine } from "./figures.ts";
import { NO_OP_IDS } from "./no-op.suite.ts";

// npm run bench:no-op -- CLUSTER [STACK] [TIMES]: what 100 cases cost that do nothing, over a cluster that stands. It is
// compiled first, as what users run is.
const FILE = "bench/no-op.suite";
const [name = "dev", stack = "ptp-thick", times = "5"] = process.argv.slice(2);
const scope = new Scope({ budgetMs: 60_000 });
const testbed = await openTestbed({
  stack,
  name,
  workers: 1,
  ipFamily: "ipv4",
  images: { source: "auto", mirror: undefined },
  reuse: true,
  keep: true,
  progress: silentProgress,
  signal: new AbortController().signal,
  scope,
});
const totalMs: number[] = [];
const stagesMs = { open: [] as number[], cases: [] as number[], close: [] as number[] };
for (let i = 0; i < Number(times); i++) {
  const began = performance.now();
  const ended = new Set<string>();
  const recordDir = mkdtempSync(path.join(tmpdir(), "plumbline-bench-"));
  const pool = new LanePool({
    lanes: 1,
    recordDir,
    onEvent: (event) => {
      if (event.type === "case-ended" && event.outcome === "passed") ended.add(event.caseId);
    },
  });
  const runId = `bench-${process.pid}-${i}`;
  await pool.open(laneTestbed(testbed), {
    runId,
    lanes: 1,
    slices: 1,
    recordDir,
    files: [FILE],
    podReadyMs: 60_000,
    teardownMs: 60_000,
  });
  const opened = performance.now();
  await pool.run(
    [{ suites: [{ file: FILE, caseIds: NO_OP_IDS, pods: 0, disturbs: "nothing" }], alone: false }],
    new Map(),
  );
  const ran = performance.now();
  await pool.close();
  stagesMs.open.push(opened - began);
  stagesMs.cases.push(ran - opened);
  stagesMs.close.push(performance.now() - ran);
  if (ended.size !== NO_OP_IDS.length) throw new Error(`${ended.size} of ${NO_OP_IDS.length} cases passed`);
  totalMs.push(performance.now() - began);
}
await scope.close();
for (const [stage, took] of Object.entries(stagesMs)) console.log(figureLine(`  ${stage}`, took));
console.log(figureLine(`${NO_OP_IDS.length} cases that do nothing`, totalMs, 5_000));
