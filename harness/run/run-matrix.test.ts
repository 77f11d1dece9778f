import { expect } from "chai";
import { usageError } from "../core/errors.ts";
import { silentProgress } from "../core/ports.ts";
import type { MatrixCell } from "../plan/matrix-plan.ts";
import type { RunOutcome } from "./finish-run.ts";
import { runMatrix } from "./run-matrix.ts";
import type { RunRequest } from "./run-request.ts";

const cell = (id: string, cluster: string): MatrixCell => ({
  id,
  cluster,
  values: {},
  stack: "ptp-thick",
  kubernetes: undefined,
  multus: undefined,
  cniVersion: undefined,
  plugin: undefined,
});

const CELLS = [cell("a", "one"), cell("b", "one"), cell("c", "two")];

/** Runs the cells with these exit codes; a text is the message of an error that comes before any record. */
async function ran(
  ends: Readonly<Record<string, number | string>>,
  { keep = false, failRemoval = "", abortAfter = "" } = {},
) {
  const log: string[] = [];
  const stop = new AbortController();
  const made = await runMatrix({
    cells: CELLS,
    requestOf: ({ id }) => ({ stack: id }) as RunRequest,
    keep,
    ports: { progress: silentProgress, signal: stop.signal },
    onCell: async (run) => void log.push(`${run.cell.id} ${run.exitCode}`),
    execute: async ({ stack: id }) => {
      const end = ends[id] ?? 0;
      if (id === abortAfter) stop.abort(new Error("Ctrl-C"));
      if (typeof end === "string") throw usageError("PL_PLUGIN_BUILD", end);
      return { exitCode: end, recordDir: id } as RunOutcome;
    },
    remove: async (cluster) => {
      log.push(`remove ${cluster}`);
      if (cluster === failRemoval) throw new Error("it stays");
    },
  });
  return { log, made };
}

describe("runMatrix", () => {
  it("goes on after a cell that failed or broke, and removes a cluster with its last cell", async () => {
    const { log, made } = await ran({ a: 1, b: 3 });
    expect(log).to.deep.equal(["a 1", "b 3", "remove one", "c 0", "remove two"]);
    expect(made.left).to.deep.equal([]);
  });

  it("calls a cell that came to no record an error, whoever is to blame", async () => {
    const { log, made } = await ran({ b: "it does not build" });
    expect(log).to.include("b 3");
    expect(String(made.runs[1]?.error)).to.contain("it does not build");
  });

  it("leaves clusters where it is asked to", async () => {
    expect((await ran({}, { keep: true })).log).to.deep.equal(["a 0", "b 0", "c 0"]);
  });

  it("ends at an interrupt, removes what stands, and tells what was left out", async () => {
    const { log, made } = await ran({ a: 130 }, { abortAfter: "a" });
    expect(log).to.deep.equal(["a 130", "remove one"]);
    expect(made.left.map(({ id }) => id)).to.deep.equal(["b", "c"]);
  });

  it("tells of a cluster that could not be removed, and goes on", async () => {
    const { log, made } = await ran({}, { failRemoval: "one" });
    expect(made.cleanupFailures).to.deep.equal(["one: it stays"]);
    expect(log.at(-1)).to.equal("remove two");
  });
});
