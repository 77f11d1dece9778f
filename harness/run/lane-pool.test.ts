import { expect } from "chai";
import type { CaseIndexEntry } from "../plan/case-index.ts";
import type { CaseEnd, RunEventBody } from "../results/events.ts";
import { caseEnd } from "../results/sample-events.test-support.ts";
import { LanePool, type PooledLane } from "./lane-pool.ts";
import type { WorkItem } from "./work-items.ts";

const alone: WorkItem = {
  suites: [{ file: "suites/sriov/lifecycle.suite", caseIds: ["SRV-039"], pods: 12, disturbs: "cluster" }],
  alone: true,
};
const together: WorkItem = {
  suites: [{ file: "suites/sriov/moved.suite", caseIds: ["SRV-002"], pods: 2, disturbs: "nothing" }],
  alone: false,
};
const entry = (id: string): CaseIndexEntry =>
  ({ id, revision: 1, title: id, clauses: [] }) as unknown as CaseIndexEntry;
const index = new Map(["SRV-002", "SRV-039"].map((id) => [id, entry(id)]));

/** A pool whose one lane ends each case as it is told to, by the number of the item that it is given. */
function poolWith(end: (work: number) => Partial<CaseEnd>): {
  pool: LanePool;
  told: string[];
  ends: CaseEnd[];
  changes: string[];
} {
  const told: string[] = [];
  const changes: string[] = [];
  let alive = true;
  const ends: CaseEnd[] = [];
  let works = 0;
  const pool = new LanePool({
    lanes: 1,
    recordDir: "none",
    onEvent: (event: RunEventBody) => {
      if (event.type === "case-ended") ends.push(event);
    },
    changes: {
      begin: (what) => changes.push(`begin ${what}`),
      end: (what) => changes.push(`end ${what}`),
    },
    startLane: (at, { onEvent }): PooledLane => ({
      index: at,
      get alive() {
        return alive;
      },
      open: async () => undefined,
      settle: async () => void told.push("settled"),
      work: async (suites) => {
        const ids = suites.flatMap(({ caseIds }) => caseIds);
        told.push(...ids);
        const how = end(++works);
        for (const id of ids) onEvent(caseEnd(id, how));
      },
      close: async () => undefined,
      know: () => undefined,
      stop: () => undefined,
      kill: () => (alive = false),
    }),
  });
  pool.start();
  return { pool, told, ends, changes };
}

describe("LanePool", () => {
  it("gives a lane the whole of an item as often as the run is to repeat it, each time when all pods are judged", async () => {
    const { pool, told, ends } = poolWith(() => ({}));
    await pool.run([alone], index, 9);
    expect(ends.map(({ caseId, outcome }) => [caseId, outcome])).to.deep.equal(
      Array.from({ length: 9 }, () => ["SRV-039", "passed"]),
    );
    expect(told.join(" ").replaceAll(/( ?settled)+ ?/g, "|")).to.equal(`|${"SRV-039|".repeat(9)}`);
  });

  it("runs round by round: what may run together first, then what runs alone", async () => {
    const { pool, ends } = poolWith(() => ({}));
    await pool.run([alone, together], index, 2);
    expect(ends.map(({ caseId }) => caseId)).to.deep.equal(["SRV-002", "SRV-039", "SRV-002", "SRV-039"]);
  });

  it("tells what changes the cluster while it lasts", async () => {
    const { pool, changes } = poolWith(() => ({}));
    await pool.run([alone, together], index);
    expect(changes).to.deep.equal(["begin SRV-039", "end SRV-039"]);
  });

  it("does not tell the end of what a lane that was killed cannot have undone", async () => {
    const { pool, changes } = poolWith(() => {
      pool.kill();
      throw new Error("the lane is gone");
    });
    await pool.run([alone], index);
    expect(changes).to.deep.equal(["begin SRV-039"]);
  });

  it("makes an error of each case that did not end in its round", async () => {
    const { pool, ends } = poolWith((work) => {
      if (work === 2) throw new Error("the lane is gone");
      return {};
    });
    await pool.run([alone], index, 3);
    expect(ends.map(({ outcome }) => outcome)).to.deep.equal(["passed", "error", "passed"]);
  });
});
