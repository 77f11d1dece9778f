import { expect } from "chai";
import { impossibleProof, judgeProof, skippedProof, type ProofCase } from "./judge-proof.ts";

const seen = (entries: Record<string, ProofCase["status"] | ProofCase>): Map<string, ProofCase> =>
  new Map(Object.entries(entries).map(([id, value]) => [id, typeof value === "string" ? { status: value } : value]));

const baseline = seen({ "STA-005": "passed", "ATT-001": "passed", "RTE-001": "known" });
const acts = { acted: 2, never: "never", problems: [] };
const promise = { fault: "lies", noticedBy: [{ case: "STA-005", assertions: ["ips-equal-link"] }] };

describe("judgeProof", () => {
  it("is proven when exactly the named case fails for the named reason", () => {
    const planted = seen({
      ...Object.fromEntries(baseline),
      "STA-005": { status: "failed", assertions: ["STA-005/ips-equal-link"] },
    });
    expect(judgeProof(promise, { baseline, planted, acts })).to.deep.equal({
      fault: "lies",
      proven: true,
      acted: true,
      problems: [],
      noticedBy: ["STA-005"],
    });
  });

  it("leaves out what is to notice a fault beside it", () => {
    const planted = seen({
      "STA-005": { status: "failed", assertions: ["STA-005/ips-equal-link"] },
      "ATT-001": "failed",
      "RTE-001": "known",
    });
    const result = judgeProof(promise, { baseline, planted, acts, ofOthers: new Set(["ATT-001"]) });
    expect(result).to.include({ proven: true });
    expect(result.noticedBy).to.deep.equal(["STA-005"]);
  });

  it("is proven by either of two assertions that are right, and by no third", () => {
    const either = {
      fault: "lies",
      noticedBy: [{ case: "STA-005", assertions: ["ips-equal-link", "mac-equals-link"] }],
    };
    const problemsOf = (assertion: string): readonly string[] => {
      const planted = seen({ "STA-005": { status: "failed", assertions: [`STA-005/${assertion}`] } });
      return judgeProof(either, { baseline, planted, acts }).problems;
    };
    expect(problemsOf("ips-equal-link")).to.deep.equal([]);
    expect(problemsOf("mac-equals-link")).to.deep.equal([]);
    const beside = seen({ "STA-005": { status: "failed", assertions: ["STA-005/names", "STA-005/mac-equals-link"] } });
    expect(judgeProof(either, { baseline, planted: beside, acts }).problems).to.deep.equal([]);
    expect(problemsOf("names")).to.deep.equal([
      "STA-005 failed for another reason: STA-005/names instead of ips-equal-link or mac-equals-link",
    ]);
  });

  it("is not proven when the case passes", () => {
    expect(judgeProof(promise, { baseline, planted: baseline, acts }).problems).to.deep.equal([
      "STA-005 did not notice: it ended as passed",
    ]);
  });

  it("is not proven when the case fails without the fault as well", () => {
    const planted = seen({ "STA-005": { status: "failed", assertions: ["STA-005/ips-equal-link"] } });
    expect(judgeProof(promise, { baseline: planted, planted, acts }).problems).to.deep.equal([
      "STA-005 does not hold without the fault either: it ended as failed",
    ]);
  });

  it("asks nothing of a case that this testbed skips", () => {
    const skips = seen({ ...Object.fromEntries(baseline), "MUL-001": "skipped" });
    const planted = seen({
      ...Object.fromEntries(skips),
      "STA-005": { status: "failed", assertions: ["STA-005/ips-equal-link"] },
    });
    const both = { ...promise, noticedBy: [...promise.noticedBy, { case: "MUL-001", assertions: [] }] };
    expect(judgeProof(both, { baseline: skips, planted, acts })).to.include({ proven: true });
    const alone = { ...promise, noticedBy: [{ case: "MUL-001", assertions: [] }] };
    expect(judgeProof(alone, { baseline: skips, planted: skips, acts }).problems).to.deep.equal([
      "none of the cases that should notice was run",
    ]);
  });

  it("is not proven when another case fails too", () => {
    const planted = seen({
      "STA-005": { status: "failed", assertions: ["STA-005/ips-equal-link"] },
      "ATT-001": "failed",
      "RTE-001": "known",
    });
    expect(judgeProof(promise, { baseline, planted, acts }).problems).to.have.length(1);
  });

  it("is not proven when the case fails for another reason", () => {
    const planted = seen({
      ...Object.fromEntries(baseline),
      "STA-005": { status: "failed", assertions: ["STA-005/pod-ready"] },
    });
    expect(judgeProof(promise, { baseline, planted, acts }).problems[0]).to.contain("another reason");
  });

  it("is not proven by an error of the harness", () => {
    const planted = seen({ ...Object.fromEntries(baseline), "STA-005": "error" });
    expect(judgeProof(promise, { baseline, planted, acts }).proven).to.equal(false);
  });

  it("takes a repair for proven when the known case passes", () => {
    const repair = { fault: "repair", noticedBy: [], repairs: "RTE-001" };
    expect(
      judgeProof(repair, { baseline, planted: seen({ ...Object.fromEntries(baseline), "RTE-001": "fixed" }), acts })
        .proven,
    ).to.equal(true);
    expect(judgeProof(repair, { baseline, planted: baseline, acts }).proven).to.equal(false);
  });

  it("takes a repair for proven when the case itself passes and only its pods leave known residue", () => {
    const repair = { fault: "repair", noticedBy: [], repairs: "RTE-001" };
    const planted = seen({ "RTE-001": { status: "known", outcome: "passed" } });
    expect(judgeProof(repair, { baseline, planted, acts }).problems).to.deep.equal([]);
  });

  it("is not proven when no case of it was run", () => {
    expect(judgeProof(promise, { baseline: seen({}), planted: seen({}), acts }).proven).to.equal(false);
  });

  it("blames nobody for a fault that never acted", () => {
    const never = judgeProof(promise, {
      baseline,
      planted: baseline,
      acts: { acted: 0, never: "never", problems: [] },
    });
    expect(never).to.deep.include({ proven: false, acted: false, noticedBy: [] });
    expect(never.problems).to.deep.equal(["never"]);
  });

  it("blames nobody for a fault that could not do what it should", () => {
    const problems = ["bridge ADD: result has no ips", "bridge ADD: result has no ips"];
    const broken = judgeProof(promise, { baseline, planted: baseline, acts: { acted: 2, never: "never", problems } });
    expect(broken).to.deep.include({ proven: false, acted: false, problems: ["bridge ADD: result has no ips"] });
  });
});

describe("impossibleProof", () => {
  const features = [{ name: "device-plugin-control", present: false, evidence: "it is upstream's" }];

  it("is of a fault that needs what this testbed lacks, with what was seen", () => {
    expect(impossibleProof("sick", ["device-plugin-control"], features)).to.deep.equal({
      fault: "sick",
      proven: false,
      acted: false,
      skipped: true,
      problems: ["this testbed has no device-plugin-control: it is upstream's"],
      noticedBy: [],
    });
    expect(impossibleProof("sick", ["device-plugin-control"], [])?.problems).to.deep.equal([
      "this testbed has no device-plugin-control: nobody looked for it",
    ]);
  });

  it("is of no fault that needs nothing, or what is there", () => {
    expect(impossibleProof("sick", [], features)).to.equal(undefined);
    const there = features.map((feature) => ({ ...feature, present: true }));
    expect(impossibleProof("sick", ["device-plugin-control"], there)).to.equal(undefined);
  });
});

describe("skippedProof", () => {
  const skipping = seen({ "NET-006": "skipped", "NET-002": "passed" });

  it("is of a fault all of whose cases this testbed skips", () => {
    expect(skippedProof("deaf", ["NET-006"], skipping)).to.deep.equal({
      fault: "deaf",
      proven: false,
      acted: false,
      skipped: true,
      problems: ["this testbed skips NET-006"],
      noticedBy: [],
    });
  });

  it("is of no fault that a case can notice, or that was never run", () => {
    expect(skippedProof("deaf", ["NET-006", "NET-002"], skipping)).to.equal(undefined);
    expect(skippedProof("deaf", ["NET-009"], skipping)).to.equal(undefined);
  });
});
