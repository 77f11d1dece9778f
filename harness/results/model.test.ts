import { expect } from "chai";
import { CASE_STATUSES } from "../core/status.ts";
import { countsText } from "./counts.ts";
import { foldEvents } from "./model.ts";
import { caseEnd, numbered, SAMPLE_STATUSES, sampleEvents } from "./sample-events.test-support.ts";

describe("foldEvents", () => {
  const model = foldEvents(sampleEvents());
  const one = (id: string) => model.cases.find((entry) => entry.id === id);

  it("has every case with its final status, and counts every status", () => {
    expect(Object.fromEntries(model.cases.map(({ id, verdict }) => [id, verdict.status]))).to.deep.equal(
      SAMPLE_STATUSES,
    );
    for (const status of CASE_STATUSES) {
      const expected = Object.values(SAMPLE_STATUSES).filter((s) => s === status).length;
      expect(model.counts[status], status).to.equal(expected).and.to.be.greaterThan(0);
    }
    expect(model.counts).to.deep.equal(model.ended?.counts);
    expect(countsText(model.counts)).to.equal("2 passed, 1 failed, 1 known, 1 fixed, 1 skipped, 1 error, 1 flaky");
  });

  it("answers for core and extended apart, with what was not chosen", () => {
    expect(model.core).to.deep.include({ conformance: "not-conformant", notSelected: [] });
    expect(model.extended).to.deep.include({ conformance: "incomplete", notSelected: ["NAD-002"] });
    expect(model.extended?.counts.skipped).to.equal(1);
  });

  it("counts no case that has nothing to ask the plugin under test", () => {
    const events = sampleEvents().map((event) =>
      event.type === "verdict" && event.caseId !== "ATT-001" && event.caseId !== "ATT-002"
        ? { ...event, status: "skipped" as const, skip: { code: "SKIP_PLUGIN_ROLE" as const, text: "" } }
        : event,
    );
    const { core, extended } = foldEvents(events);
    expect(core).to.deep.include({ conformance: "conformant", ids: ["ATT-001", "ATT-002"] });
    expect(core?.notApplicable).to.have.length(5);
    expect(extended).to.deep.include({ conformance: "incomplete", notApplicable: ["NAD-001"] });
  });

  it("gives a case its clauses, violations, evidence and the attempt that speaks for it", () => {
    expect(one("STA-005")?.clauses[0]).to.include({ section: "5" });
    expect(one("STA-005")?.evidence).to.deep.equal(["evidence/STA-005/cni.json", "evidence/ATT-002/state.json"]);
    expect(one("ATT-002")?.violations).to.have.length(1);
    expect(one("TD-001")).to.include({ durationMs: 3000 });
    expect(one("TD-001")?.attempts.map(({ at }) => at)).to.deep.equal([
      "2026-01-02T03:04:17.000Z",
      "2026-01-02T03:04:18.000Z",
    ]);
    expect(one("TD-001")?.shown?.outcome).to.equal("failed");
    expect(model.touched).to.deep.equal(["ATT-002"]);
  });

  it("says which deviations were seen and which are fixed", () => {
    expect(model.deviations.map(({ id, seenIn, fixedIn }) => [id, seenIn, fixedIn])).to.deep.equal([
      ["route-kept", ["RTE-001"], []],
      ["route-gone", [], ["RTE-002"]],
    ]);
  });

  it("judges a run that died by what its cases said", () => {
    const died = foldEvents(sampleEvents().filter(({ type }) => type !== "verdict" && type !== "run-ended"));
    expect(died.ended).to.equal(undefined);
    expect(died.counts).to.include({ failed: 1, known: 1, fixed: 1, error: 1, flaky: 1, skipped: 1 });
    expect(died.deviations.flatMap(({ seenIn }) => seenIn)).to.deep.equal(["RTE-001"]);
    const [first] = sampleEvents();
    if (!first) throw new Error("the sample is empty");
    expect(foldEvents([first]).counts).to.include({ skipped: 8 });
  });

  it("has every case of a run that died while it wrote its verdicts, those that it wrote as they are", () => {
    const events = sampleEvents();
    const second = events.findIndex(({ type }) => type === "verdict") + 2;
    const died = foldEvents(events.slice(0, second));
    expect(died.cases.map(({ id }) => id)).to.have.members(Object.keys(SAMPLE_STATUSES));
    expect(died.cases[1]?.verdict.reason).to.equal("why ATT-002 is passed");
    expect(died.counts).to.include({ passed: 2, failed: 1, known: 1, fixed: 1, error: 1, flaky: 1, skipped: 1 });
  });

  it("knows nothing as a deviation in a run that died before it read what is installed", () => {
    const rest = new Set(["verdict", "run-ended", "testbed"]);
    expect(foldEvents(sampleEvents().filter(({ type }) => !rest.has(type))).counts).to.include({ failed: 2, known: 0 });
  });

  it("has no levels without a profile, and shows a case that was not chosen but whose clause broke", () => {
    const events = sampleEvents().map((event) => {
      if (event.type !== "run-started") return event;
      const { profile: _, ...rest } = event;
      return rest;
    });
    const stray = {
      type: "verdict",
      caseId: "TD-099",
      status: "failed",
      reason: "",
      touched: false,
      via: "invariant",
    } as const;
    const folded = foldEvents([...events, ...numbered([stray])]);
    expect(folded).to.deep.include({ core: undefined, extended: undefined });
    expect(folded.cases.at(-1)).to.include({ id: "TD-099", title: "not chosen for this run", level: "extended" });
  });

  it("knows where the time went", () => {
    expect(model.times).to.deep.include({
      totalMs: 26_000,
      firstVerdictMs: 5_000,
      startedAt: "2026-01-02T03:04:05.000Z",
    });
    expect(model.times.criticalPath.map(({ title }) => title)).to.deep.equal(["Create the cluster", "Run 8 cases"]);
    expect(model.times.slowestPhases[0]).to.include({ title: "Run 8 cases", durationMs: 11_000 });
  });
});

describe("the critical path", () => {
  const start = Date.parse("2026-01-01T00:00:00.000Z");
  const phase = (title: string, span: [number, number], parents: string[] = []) => {
    const [fromMs, toMs] = span;
    const body = { type: "phase" as const, title, parents, status: "done" as const, durationMs: toMs - fromMs };
    return { ...body, seq: 0, at: new Date(start + toMs).toISOString() };
  };

  it("has of a phase that went on the part until what it began", () => {
    const [first] = sampleEvents();
    if (!first) throw new Error("the sample is empty");
    const { times } = foldEvents([
      first,
      phase("images", [0, 400]),
      phase("cluster", [410, 9000]),
      phase("ask", [5000, 12_000]),
      phase("stack", [9001, 11_000]),
      phase("clean up", [12_001, 13_000]),
    ]);
    const path = times.criticalPath.map(({ title, durationMs }) => `${title} ${durationMs}`);
    expect(path).to.deep.equal(["images 400", "cluster 4590", "ask 7000", "clean up 999"]);
  });

  it("is made of innermost phases, and leaves out what ran beside a longer one", () => {
    const [first] = sampleEvents();
    if (!first) throw new Error("the sample is empty");
    const { times } = foldEvents([
      first,
      phase("pull", [0, 3000], ["up"]),
      phase("check", [0, 1000], ["up"]),
      phase("install", [3005, 9000], ["up"]),
      phase("up", [0, 9001]),
      { ...caseEnd("ATT-001"), seq: 1, at: new Date(start + 9500).toISOString() },
      phase("run", [9001, 9900]),
    ]);
    expect(times.criticalPath.map(({ title }) => title)).to.deep.equal(["pull", "install", "run"]);
  });
});
