import { expect } from "chai";
import type { Deviation } from "../plan/deviations.ts";
import type { CaseEnd, Verdict, ViolationFound } from "./events.ts";
import { finalVerdicts, type JudgeInput } from "./judge.ts";
import { JUDGING } from "./run-facts.ts";
import { caseEnd, failed } from "./sample-events.test-support.ts";

const facts = { versions: { multus: "v4.3.0" }, mode: "thick", defaultNetwork: "ptp", cniVersion: "1.0.0" } as const;

function deviation(more: Partial<Deviation> = {}): Deviation {
  return {
    id: "route-kept",
    case: "RTE-001",
    title: "the route stays",
    applies: { component: "multus", versions: ">=4.2.2 <=4.3.0" },
    signature: { assertion: "RTE-001/one-default-route", observed: { subset: [{ dev: "eth0" }] } },
    issue: "https://example.org",
    note: "",
    ...more,
  };
}

const leak = deviation({
  id: "leak",
  case: "TD-001",
  title: "it leaks",
  signature: { assertion: "TD-001/no-residue", observed: { subset: { thing: "lease 10.1.1.7" } } },
});

function violation(clauseCase: string, madeBy: string[], thing = "lease 10.1.1.7"): ViolationFound {
  const invariant = clauseCase === "TD-001" ? "no-residue" : "four-sources";
  const pod = "lane-0/p";
  return {
    type: "violation",
    violation: { invariant, clauseCase, pod, thing, expected: null, observed: thing, message: `${thing} is there` },
    madeBy,
    evidence: [],
  };
}

function judge(caseEnds: CaseEnd[], more: Partial<JudgeInput> = {}): Map<string, Verdict> {
  const selection = [...new Set(caseEnds.map(({ caseId }) => caseId))];
  const base = { selection, caseEnds, violations: [], deviations: [], facts, interrupted: false };
  const verdicts = finalVerdicts({ ...base, judging: JUDGING, ...more });
  return new Map(verdicts.map((verdict) => [verdict.caseId, verdict]));
}

const eth0 = failed("RTE-001/one-default-route", [{ dst: "default", dev: "eth0" }]);
const skip = { code: "SKIP_KERNEL" as const, text: "no driver" };
const ours = (kind: "host" | "harness" | "usage" | "subject"): Partial<CaseEnd> => ({
  failure: { assertion: "ATT-001/x", message: "broke", expected: null, observed: null, kind },
});

/** The end of a case of which a further claim did not hold. */
function beside(end: Partial<CaseEnd>, further: Partial<CaseEnd>): Partial<CaseEnd> {
  return end.failure && further.failure ? { ...end, failure: { ...end.failure, also: [further.failure] } } : end;
}

interface Row {
  readonly what: string;
  readonly ends: CaseEnd[];
  readonly more?: Partial<JudgeInput>;
  readonly expected: Readonly<Record<string, Partial<Verdict>>>;
}

const att = caseEnd("ATT-001");
const rte = caseEnd("RTE-001", eth0);
const td = caseEnd("TD-001");

const OWN: readonly Row[] = [
  { what: "passed", ends: [att], expected: { "ATT-001": { status: "passed", via: "case", touched: false } } },
  {
    what: "failed, with the message of the assertion",
    ends: [caseEnd("ATT-001", ours("subject")), td].map((e, i) => (i === 0 ? { ...e, outcome: "failed" as const } : e)),
    expected: { "ATT-001": { status: "failed", reason: "broke" }, "TD-001": { status: "passed" } },
  },
  ...(["host", "harness", "usage"] as const).map((kind) => ({
    what: `error where a failure is of kind ${kind}, whatever the lane called it`,
    ends: [caseEnd("ATT-001", { outcome: "failed", ...ours(kind) })],
    expected: { "ATT-001": { status: "error" as const, reason: "broke" } },
  })),
  {
    what: "failed where an error is the subject's, whatever the lane called it",
    ends: [caseEnd("ATT-001", { outcome: "error", ...ours("subject") })],
    expected: { "ATT-001": { status: "failed" } },
  },
  {
    what: "error where nothing says what failed",
    ends: [caseEnd("ATT-001", { outcome: "failed" })],
    expected: { "ATT-001": { status: "error" } },
  },
  {
    what: "skipped with its code",
    ends: [caseEnd("ATT-001", { outcome: "skipped", skip })],
    expected: { "ATT-001": { status: "skipped", reason: "no driver", skip } },
  },
  {
    what: "error where it was skipped without a reason",
    ends: [caseEnd("ATT-001", { outcome: "skipped" })],
    expected: { "ATT-001": { status: "error" } },
  },
  {
    what: "error where the case never ended",
    ends: [],
    more: { selection: ["ATT-001"] },
    expected: { "ATT-001": { status: "error", reason: "the case never ended: its lane was lost" } },
  },
  {
    what: "error with the reason where the run was aborted before",
    ends: [],
    more: { selection: ["ATT-001"], aborted: "no cluster" },
    expected: { "ATT-001": { status: "error", reason: "the run ended before the case: no cluster" } },
  },
  {
    what: "skipped where an interrupt came first",
    ends: [],
    more: { selection: ["ATT-001"], interrupted: true },
    expected: { "ATT-001": { status: "skipped" } },
  },
];

const DEVIATIONS: readonly Row[] = [
  {
    what: "known where the entry applies and its signature fits",
    ends: [rte],
    more: { deviations: [deviation()] },
    expected: { "RTE-001": { status: "known", deviation: "route-kept" } },
  },
  {
    what: "failed without an entry",
    ends: [rte],
    expected: { "RTE-001": { status: "failed" } },
  },
  {
    what: "failed where another assertion fails",
    ends: [caseEnd("RTE-001", failed("RTE-001/gateway", [{ dev: "eth0" }]))],
    more: { deviations: [deviation()] },
    expected: { "RTE-001": { status: "failed" } },
  },
  {
    what: "failed where a claim beside the known one does not hold either, for that claim",
    ends: [caseEnd("RTE-001", beside(eth0, failed("RTE-001/gateway")))],
    more: { deviations: [deviation()] },
    expected: { "RTE-001": { status: "failed", reason: 'RTE-001/gateway did not hold & <said> "so"' } },
  },
  {
    what: "known where all claims that do not hold are",
    ends: [caseEnd("RTE-001", beside(eth0, failed("RTE-001/gateway")))],
    more: {
      deviations: [
        deviation({ id: "gateway", signature: { assertion: "RTE-001/gateway", observed: { matches: "" } } }),
        deviation(),
      ],
    },
    expected: { "RTE-001": { status: "known", deviation: "route-kept", alsoKnown: ["gateway"] } },
  },
  {
    what: "failed where the assertion saw something else",
    ends: [caseEnd("RTE-001", failed("RTE-001/one-default-route", []))],
    more: { deviations: [deviation()] },
    expected: { "RTE-001": { status: "failed" } },
  },
  {
    what: "failed where the entry is about other versions",
    ends: [rte],
    more: { deviations: [deviation()], facts: { ...facts, versions: { multus: "v4.4.0" } } },
    expected: { "RTE-001": { status: "failed" } },
  },
  {
    what: "failed where nothing is known of the testbed",
    ends: [rte],
    more: { deviations: [deviation()], facts: undefined },
    expected: { "RTE-001": { status: "failed" } },
  },
  {
    what: "fixed where the case passes although an entry applies",
    ends: [caseEnd("RTE-001")],
    more: { deviations: [deviation()] },
    expected: { "RTE-001": { status: "fixed", deviation: "route-kept" } },
  },
  {
    what: "passed where the entry is about other versions",
    ends: [caseEnd("RTE-001")],
    more: { deviations: [deviation()], facts: { ...facts, versions: { multus: "v4.2.1" } } },
    expected: { "RTE-001": { status: "passed" } },
  },
  {
    what: "error, not known, where the failure is ours",
    ends: [caseEnd("RTE-001", { outcome: "error", ...ours("host") })],
    more: { deviations: [deviation()] },
    expected: { "RTE-001": { status: "error" } },
  },
];

const INVARIANTS: readonly Row[] = [
  {
    what: "failed for the case of the clause, touched for the case of the pod",
    ends: [att, td],
    more: { violations: [violation("TD-001", ["ATT-001"])] },
    expected: {
      "ATT-001": { status: "passed", touched: true },
      "TD-001": { status: "failed", via: "invariant", touched: false },
    },
  },
  {
    what: "failed for the case of the pod, naming the clause, where its case was not chosen",
    ends: [att],
    more: { violations: [violation("TD-001", ["ATT-001"])] },
    expected: { "ATT-001": { status: "failed", via: "invariant", touched: false } },
  },
  {
    what: "failed for the case of the pod where the case of the clause was skipped",
    ends: [att, caseEnd("TD-001", { outcome: "skipped", skip })],
    more: { violations: [violation("TD-001", ["ATT-001"])] },
    expected: { "ATT-001": { status: "failed", via: "invariant" }, "TD-001": { status: "skipped" } },
  },
  {
    what: "failed for the case of the clause, though not chosen, where the pod is nobody's",
    ends: [att],
    more: { violations: [violation("TD-001", [])] },
    expected: { "ATT-001": { status: "passed" }, "TD-001": { status: "failed", via: "invariant" } },
  },
  {
    what: "failed by its own assertion first, where both broke",
    ends: [caseEnd("TD-001", failed("TD-001/no-residue"))],
    more: { violations: [violation("TD-001", ["TD-001"])] },
    expected: { "TD-001": { status: "failed", via: "case", touched: false } },
  },
  {
    what: "failed where the case of the clause is an error: what was seen was seen",
    ends: [caseEnd("TD-001", { outcome: "error", ...ours("host") })],
    more: { violations: [violation("TD-001", ["TD-001"])] },
    expected: { "TD-001": { status: "failed", via: "invariant" } },
  },
  {
    what: "known where the entry is about the violation",
    ends: [att, td],
    more: { violations: [violation("TD-001", ["ATT-001"])], deviations: [leak] },
    expected: {
      "ATT-001": { status: "passed", touched: true },
      "TD-001": { status: "known", via: "invariant", deviation: "leak" },
    },
  },
  {
    what: "known for the case of the entry, though not chosen, and touched for the case of the pod, which passes",
    ends: [att],
    more: { violations: [violation("TD-001", ["ATT-001"])], deviations: [leak] },
    expected: {
      "ATT-001": { status: "passed", via: "case", touched: true },
      "TD-001": { status: "known", via: "invariant", deviation: "leak", touched: false },
    },
  },
  {
    what: "known for the case of the entry where that was skipped",
    ends: [att, caseEnd("TD-001", { outcome: "skipped", skip })],
    more: { violations: [violation("TD-001", ["ATT-001"])], deviations: [leak] },
    expected: {
      "ATT-001": { status: "passed", touched: true },
      "TD-001": { status: "known", via: "invariant", deviation: "leak" },
    },
  },
  {
    what: "failed for the case of the pod by what no entry knows, beside what one does, where the case of the clause was not chosen",
    ends: [att],
    more: {
      violations: [violation("TD-001", ["ATT-001"]), violation("TD-001", ["ATT-001"], "a veth")],
      deviations: [leak],
    },
    expected: {
      "ATT-001": { status: "failed", via: "invariant", touched: true },
      "TD-001": { status: "known", via: "invariant", deviation: "leak" },
    },
  },
  {
    what: "known for the case of the pod by the rules of older records",
    ends: [att],
    more: { violations: [violation("TD-001", ["ATT-001"])], deviations: [leak], judging: undefined },
    expected: { "ATT-001": { status: "known", via: "invariant", deviation: "leak", touched: false } },
  },
  {
    what: "failed where one of two violations is not the known one",
    ends: [td],
    more: { violations: [violation("TD-001", []), violation("TD-001", [], "a veth")], deviations: [leak] },
    expected: { "TD-001": { status: "failed", via: "invariant" } },
  },
  {
    what: "failed where its own assertion is known and a violation is not",
    ends: [rte],
    more: { violations: [violation("RTE-001", ["RTE-001"])], deviations: [deviation()] },
    expected: { "RTE-001": { status: "failed", via: "invariant" } },
  },
  {
    what: "failed, not fixed, where a violation breaks a case with an entry",
    ends: [td],
    more: { violations: [violation("TD-001", [], "a veth")], deviations: [leak] },
    expected: { "TD-001": { status: "failed" } },
  },
  {
    what: "error where a known violation meets an error",
    ends: [caseEnd("TD-001", { outcome: "error", ...ours("host") })],
    more: { violations: [violation("TD-001", [])], deviations: [leak] },
    expected: { "TD-001": { status: "error" } },
  },
];

const bad = caseEnd("ATT-001", failed("ATT-001/x"));
const broke = caseEnd("ATT-001", { outcome: "error", ...ours("host") });
const REPEATS: readonly Row[] = [
  { what: "passed where all attempts pass", ends: [att, att], expected: { "ATT-001": { status: "passed" } } },
  { what: "flaky where they disagree", ends: [att, bad, att], expected: { "ATT-001": { status: "flaky" } } },
  { what: "failed where all fail", ends: [bad, bad], expected: { "ATT-001": { status: "failed" } } },
  { what: "error where one broke and one passed", ends: [broke, att], expected: { "ATT-001": { status: "error" } } },
  { what: "failed where one broke and one failed", ends: [broke, bad], expected: { "ATT-001": { status: "failed" } } },
];

describe("finalVerdicts", () => {
  const groups = {
    "of a case by itself": OWN,
    "with deviations": DEVIATIONS,
    "with invariants": INVARIANTS,
    "of repeats": REPEATS,
  };
  for (const [group, rows] of Object.entries(groups)) {
    describe(group, () => {
      for (const { what, ends, more, expected } of rows) {
        it(what, () => {
          const verdicts = judge(ends, more);
          expect([...verdicts.keys()].toSorted()).to.deep.equal(Object.keys(expected).toSorted());
          for (const [id, parts] of Object.entries(expected)) expect(verdicts.get(id)).to.deep.include(parts);
        });
      }
    });
  }

  it("names the clause's case, the pod and the thing in the reason", () => {
    const [found] = judge([att], { violations: [violation("TD-001", ["ATT-001"])] }).values();
    expect(found?.reason).to.match(/no-residue.*TD-001.*lane-0\/p.*lease 10\.1\.1\.7/);
  });

  it("says nothing of a lane that was lost where a case was not chosen", () => {
    const broken = [violation("TD-001", [])];
    expect(judge([att], { violations: broken }).get("TD-001")?.reason).not.to.contain("never ended");
    expect(judge([att], { violations: broken, deviations: [leak] }).get("TD-001")).to.include({ status: "known" });
  });

  it("tells of both where an assertion and an invariant broke", () => {
    const own = caseEnd("TD-001", failed("TD-001/no-residue"));
    const [found] = judge([own], { violations: [violation("TD-001", [], "a"), violation("TD-001", [], "b")] }).values();
    expect(found?.reason).to.match(/did not hold.*; and invariant no-residue.*\(and 1 more\)/);
  });
});
