import type { RunEvent, RunEventBody, CaseEnd, Verdict } from "./events.ts";
import { emptyCounts } from "./counts.ts";

/** Gives bodies their place and a time, one second after the other. */
export function numbered(bodies: readonly RunEventBody[]): RunEvent[] {
  const start = Date.parse("2026-01-02T03:04:05.000Z");
  return bodies.map((body, seq) => ({ ...body, seq, at: new Date(start + seq * 1000).toISOString() }));
}

export function caseEnd(caseId: string, more: Partial<CaseEnd> = {}): CaseEnd {
  return {
    type: "case-ended",
    caseId,
    revision: 1,
    title: `what ${caseId} demands`,
    lane: 0,
    outcome: "passed",
    durationMs: 1500,
    clauses: ["NPWG-5-status-list"],
    pods: [`lane-0/${caseId.toLowerCase()}`],
    evidence: [],
    ...more,
  };
}

export function failed(assertion: string, observed: unknown = "10.1.1.9"): Partial<CaseEnd> {
  const message = `${assertion} did not hold & <said> "so"`;
  return { outcome: "failed", failure: { assertion, message, expected: "10.1.1.7", observed, kind: "subject" } };
}

function verdict(caseId: string, status: Verdict["status"], more: Partial<Verdict> = {}): Verdict {
  return {
    type: "verdict",
    caseId,
    status,
    reason: `why ${caseId} is ${status}`,
    touched: false,
    via: "case",
    ...more,
  };
}

/** Ids of the sample's cases by their status; ATT-002 is touched too. */
export const SAMPLE_STATUSES = {
  "ATT-001": "passed",
  "ATT-002": "passed",
  "STA-005": "failed",
  "RTE-001": "known",
  "RTE-002": "fixed",
  "NAD-001": "skipped",
  "IPM-001": "error",
  "TD-001": "flaky",
} as const;

const ids = Object.keys(SAMPLE_STATUSES);
const clauses = ["NPWG-5-status-list"];

const started: RunEventBody = {
  type: "run-started",
  runId: "20260102T030405-abc123",
  suiteVersion: "0.1.0",
  suiteDigest: `sha256:${"0".repeat(64)}`,
  command: ["run", "--stack", "ptp-thick", "--profile", "sample"],
  host: { os: "Linux x86_64", kernel: "6.1.0", cpus: 2, memoryBytes: 8_000_000_000, nodeVersion: "v20.19.0" },
  stack: "ptp-thick",
  profile: { name: "sample", core: ids.filter((id) => id !== "NAD-001"), extended: ["NAD-001", "NAD-002"] },
  selection: ids,
  planned: ids.map((id) => {
    const level = id === "NAD-001" ? ("extended" as const) : ("core" as const);
    return {
      id,
      revision: 1,
      title: `what ${id} demands`,
      suite: id.startsWith("ATT") ? "selection" : "rest",
      layer: "L1" as const,
      level,
      clauses,
      faults: id === "NAD-001" ? [] : [`${id.toLowerCase()}-is-ignored`],
    };
  }),
  clauses: [
    {
      id: "NPWG-5-status-list",
      spec: "NPWG multi-net-spec v1.3",
      section: "5",
      level: "MUST",
      statement: "The annotation is a list.",
      url: "https://example.org/spec",
    },
  ],
  strict: false,
  proof: {
    suiteDigest: `sha256:${"0".repeat(64)}`,
    stack: "ptp-thick",
    proven: ["att-001-is-ignored", "sta-005-is-ignored"],
    notProven: ["td-001-is-ignored", "of-no-case-here"],
  },
};

const testbed: RunEventBody = {
  type: "testbed",
  cluster: "plumbline-abc",
  nodes: ["n1", "n2"],
  reused: false,
  features: [{ name: "two-nodes", present: true, evidence: "n1, n2" }],
  facts: { versions: { multus: "v4.3.0" }, mode: "thick", defaultNetwork: "ptp", cniVersion: "1.0.0" },
  deviations: [
    {
      id: "route-kept",
      case: "RTE-001",
      title: "the route stays",
      issue: "https://example.org/1",
      note: "a note",
      signature: { assertion: "RTE-001/one-default-route", observed: { subset: [{ dev: "eth0" }] } },
    },
    {
      id: "route-gone",
      case: "RTE-002",
      title: "the route goes",
      issue: "https://example.org/2",
      note: "a note",
      signature: { assertion: "RTE-002/one-default-route", observed: { matches: "eth0" } },
    },
  ],
};

const skip = { code: "SKIP_FEATURE" as const, text: "there is one node" };

const running: readonly RunEventBody[] = [
  {
    type: "subject",
    subject: {
      name: "multus",
      version: "v4.3.0",
      origin: "built here",
      source: "a module",
      digest: "sha256:1",
      changes: [],
    },
  },
  { type: "phase", title: "Create the cluster", status: "done", durationMs: 1900 },
  testbed,
  { type: "case-started", caseId: "ATT-001", lane: 0 },
  caseEnd("ATT-001"),
  caseEnd("ATT-002"),
  caseEnd("STA-005", { ...failed("STA-005/ips"), evidence: ["evidence/STA-005/cni.json"] }),
  caseEnd("RTE-001", failed("RTE-001/one-default-route", [{ dev: "eth0" }])),
  caseEnd("RTE-002"),
  caseEnd("NAD-001", { outcome: "skipped", skip }),
  caseEnd("IPM-001", {
    outcome: "error",
    failure: {
      assertion: "IPM-001/exec",
      message: "no node",
      expected: null,
      observed: null,
      kind: "host",
      code: "PL_X",
    },
  }),
  caseEnd("TD-001"),
  caseEnd("TD-001", failed("TD-001/no-residue")),
  {
    type: "violation",
    violation: {
      invariant: "four-sources",
      clauseCase: "STA-005",
      pod: "lane-0/att-002",
      thing: "net1 ips",
      expected: ["10.1.1.7"],
      observed: ["10.1.1.9"],
      message: "status and interface disagree",
    },
    madeBy: ["ATT-002"],
    evidence: ["evidence/ATT-002/state.json"],
  },
];

const ending: readonly RunEventBody[] = [
  { type: "phase", title: "Run 8 cases", status: "done", durationMs: 11_000 },
  { type: "invariant-summary", invariant: "four-sources", pods: 8, checks: 96, violations: 1 },
  { type: "cleanup-failed", message: "delete the network" },
  verdict("ATT-001", "passed"),
  verdict("ATT-002", "passed", { touched: true }),
  verdict("STA-005", "failed"),
  verdict("RTE-001", "known", { deviation: "route-kept" }),
  verdict("RTE-002", "fixed", { deviation: "route-gone" }),
  verdict("NAD-001", "skipped", { skip, reason: skip.text }),
  verdict("IPM-001", "error"),
  verdict("TD-001", "flaky"),
  {
    type: "run-ended",
    exitCode: 1,
    causes: ["1 failed: STA-005", "1 flaky: TD-001"],
    counts: { ...emptyCounts(), passed: 2, failed: 1, known: 1, fixed: 1, skipped: 1, error: 1, flaky: 1 },
  },
];

/** A record which has every status in it. */
export function sampleEvents(): RunEvent[] {
  return numbered([started, ...running, ...ending]);
}
