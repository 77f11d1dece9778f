import { expect } from "chai";
import type { RunEvent, RunEventBody } from "./events.ts";
import { caseEnd, numbered, sampleEvents } from "./sample-events.test-support.ts";
import { timeline } from "./timeline.ts";

/** The sample's start, then these, one second apart. */
function after(...bodies: readonly RunEventBody[]): RunEvent[] {
  return numbered([...sampleEvents().slice(0, 1), ...bodies]);
}

function phase(title: string, durationMs: number, parents: readonly string[] = []): RunEventBody {
  return { type: "phase", title, parents, status: "done", durationMs };
}

describe("the timeline of a run", () => {
  it("reckons the start of a phase back from its end, never before the run", () => {
    const { phases } = timeline(after(phase("early", 5000), phase("later", 500)));
    expect(phases.map(({ title, startMs }) => [title, startMs])).to.deep.equal([
      ["early", 0],
      ["later", 1500],
    ]);
  });

  it("puts inner phases after the one around them, and keeps those whose outer phase never ended", () => {
    const { phases } = timeline(
      after(phase("join", 400, ["cluster"]), phase("boot", 1900, ["cluster"]), phase("cluster", 3000), {
        ...phase("unpack", 3500, ["images", "all"]),
      }),
    );
    expect(phases.map(({ title }) => title)).to.deep.equal(["cluster", "boot", "join", "unpack"]);
  });

  it("leaves phases of single cases to the lanes", () => {
    const { phases, cases } = timeline(
      after(
        { type: "case-started", caseId: "ATT-001", lane: 1 },
        caseEnd("ATT-002", { durationMs: 200 }),
        caseEnd("ATT-001", { lane: 1 }),
        phase("ATT-001", 2000, ["Run 2 cases"]),
        phase("Run 2 cases", 4000),
      ),
    );
    expect(phases.map(({ title }) => title)).to.deep.equal(["Run 2 cases"]);
    expect(cases).to.deep.equal([
      { caseId: "ATT-002", lane: 0, startMs: 1800, durationMs: 200 },
      // from where it began to wait for its pods
      { caseId: "ATT-001", lane: 1, startMs: 1000, durationMs: 2000 },
    ]);
  });
});
