import { expect } from "chai";
import type { CaseStatus } from "../core/status.ts";
import type { Verdict } from "./events.ts";
import { conformance, gate, type GateInput } from "./gate.ts";

function verdicts(...statuses: CaseStatus[]): Verdict[] {
  return statuses.map((status, i) => {
    return { type: "verdict", caseId: `ATT-00${i + 1}`, status, reason: "", touched: false, via: "case" };
  });
}

describe("gate", () => {
  const clean = { cleanupFailures: [], strict: false };
  const left = { cleanupFailures: ["a bridge is left"], strict: false };
  const table: [string, GateInput, number, RegExp[]][] = [
    ["all passed", { ...clean, verdicts: verdicts("passed", "passed") }, 0, []],
    ["passed, known and skipped", { ...clean, verdicts: verdicts("passed", "known", "skipped") }, 0, []],
    ["only known", { ...clean, verdicts: verdicts("known") }, 0, []],
    ["known under strict", { ...clean, strict: true, verdicts: verdicts("passed", "known") }, 1, [/1 known: ATT-002/]],
    ["failed", { ...clean, verdicts: verdicts("passed", "failed", "failed") }, 1, [/2 failed: ATT-002, ATT-003/]],
    ["flaky", { ...clean, verdicts: verdicts("flaky") }, 1, [/1 flaky/]],
    ["fixed", { ...clean, verdicts: verdicts("fixed") }, 1, [/1 fixed/]],
    ["error", { ...clean, verdicts: verdicts("passed", "error") }, 3, [/1 error: ATT-002/]],
    ["nothing chosen", { ...clean, verdicts: [] }, 4, [/no case was run/]],
    ["all skipped", { ...clean, verdicts: verdicts("skipped", "skipped") }, 4, [/all 2 cases were skipped/]],
    ["clean-up failed", { ...left, verdicts: verdicts("passed") }, 5, [/a bridge is left/]],
    [
      "failed beats error beats clean-up",
      { ...left, verdicts: verdicts("error", "failed") },
      1,
      [/failed/, /error/, /bridge/],
    ],
    ["error beats clean-up", { ...left, verdicts: verdicts("error") }, 3, [/error/, /bridge/]],
    ["nothing run beats clean-up", { ...left, verdicts: verdicts("skipped") }, 4, [/skipped/, /bridge/]],
    [
      "SIGINT beats all",
      { ...left, verdicts: verdicts("failed"), interrupted: "SIGINT" },
      130,
      [/SIGINT/, /failed/, /bridge/],
    ],
    ["SIGINT with all skipped", { ...clean, verdicts: verdicts("skipped"), interrupted: "SIGINT" }, 130, [/SIGINT/]],
    ["SIGTERM", { ...clean, verdicts: verdicts("passed"), interrupted: "SIGTERM" }, 143, [/SIGTERM/]],
    [
      "a wrong use",
      { ...clean, verdicts: [], aborted: { kind: "usage", message: "no such stack" } },
      2,
      [/no such stack/],
    ],
    [
      "a host that lacks something",
      { ...clean, verdicts: [], aborted: { kind: "host", message: "no Docker" } },
      3,
      [/no Docker/],
    ],
    ["a harness that broke", { ...clean, verdicts: [], aborted: { kind: "harness", message: "a bug" } }, 3, [/a bug/]],
    [
      "a subject that does not start",
      { ...clean, verdicts: [], aborted: { kind: "subject", message: "it dies" } },
      1,
      [/it dies/],
    ],
    [
      "an abort after a failure",
      { ...clean, verdicts: verdicts("failed", "error"), aborted: { kind: "host", message: "no disk" } },
      1,
      [/failed/, /no disk/, /error/],
    ],
  ];
  for (const [what, input, exitCode, causes] of table) {
    it(`gives ${exitCode} for: ${what}`, () => {
      const decision = gate(input);
      expect(decision.exitCode).to.equal(exitCode);
      expect(decision.causes).to.have.length(causes.length);
      for (const [i, cause] of causes.entries()) expect(decision.causes[i]).to.match(cause);
    });
  }
});

describe("conformance", () => {
  const table: [CaseStatus[], number, ReturnType<typeof conformance>][] = [
    [["passed", "passed"], 2, "conformant"],
    [["passed", "fixed"], 2, "conformant"],
    [["passed", "known"], 2, "not-conformant"],
    [["passed", "failed"], 2, "not-conformant"],
    [["passed", "flaky"], 2, "not-conformant"],
    [["passed", "skipped"], 2, "incomplete"],
    [["passed", "error"], 2, "incomplete"],
    [["passed"], 2, "incomplete"],
    [["error", "failed"], 2, "not-conformant"],
    [["skipped", "skipped"], 2, "incomplete"],
    [[], 2, "incomplete"],
    [[], 0, "incomplete"],
  ];
  for (const [statuses, size, answer] of table) {
    it(`of ${size} cases with ${statuses.join(", ") || "none run"} is ${answer}`, () => {
      const ids = Array.from({ length: size }, (_, i) => `ATT-00${i + 1}`);
      expect(conformance(ids, new Map(statuses.map((status, i) => [ids[i] ?? "", status])))).to.equal(answer);
    });
  }
});
