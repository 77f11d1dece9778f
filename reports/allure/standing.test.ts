import { expect } from "chai";
import { SKIP_CODES } from "../../harness/core/status.ts";
import type { CaseFailure } from "../../harness/results/case-outcome.ts";
import { foldEvents, type CaseModel } from "../../harness/results/model.ts";
import { sampleEvents } from "../../harness/results/sample-events.test-support.ts";
import { allureCategories, attemptStanding, caseStanding, type Standing } from "./standing.ts";

/** The categories that Allure 2 and Allure 3 put a result in: one wants the whole message to match, one a part. */
function categoriesOf({ status, message = "" }: Standing): readonly string[] {
  const fitting = (matches: (regex: string) => boolean): readonly string[] =>
    allureCategories()
      .filter((category) => category.matchedStatuses?.includes(status) && matches(String(category.messageRegex)))
      .map(({ name }) => (name ?? "").replace(/[:,].*/, ""));
  const whole = fitting((regex) => new RegExp(`^(?:${regex})$`).test(message));
  expect(fitting((regex) => new RegExp(regex).test(message))).to.deep.equal(whole);
  return whole;
}

describe("the standing of a case in Allure", () => {
  const { cases } = foldEvents(sampleEvents());
  const one = (id: string): CaseModel => {
    const found = cases.find((entry) => entry.id === id);
    if (!found) throw new Error(`no case ${id}`);
    return found;
  };
  const broken = (failure: Partial<CaseFailure>): CaseModel => {
    const entry = one("IPM-001");
    const [attempt] = entry.attempts;
    if (!attempt?.failure) throw new Error("IPM-001 of the sample has no failure");
    return { ...entry, attempts: [{ ...attempt, failure: { ...attempt.failure, ...failure } }] };
  };
  const skipped = (code: (typeof SKIP_CODES)[number]): CaseModel => {
    const entry = one("NAD-001");
    return { ...entry, verdict: { ...entry.verdict, skip: { code, text: "why" } } };
  };

  const table: [what: string, entry: CaseModel, status: string, categories: readonly string[]][] = [
    ["a pass", one("ATT-001"), "passed", []],
    ["a touched pass", one("ATT-002"), "passed", ["Passed"]],
    ["a failure", one("STA-005"), "failed", ["Plugin faults"]],
    ["a flaky case", one("TD-001"), "failed", ["Flaky"]],
    ["a fixed deviation", one("RTE-002"), "failed", ["Fixed"]],
    ["a known deviation", one("RTE-001"), "skipped", ["Known deviations of these versions"]],
    ["a missing feature", one("NAD-001"), "skipped", ["Skipped"]],
    ["an error of the host", one("IPM-001"), "broken", ["Host faults"]],
    ["an error of the harness", broken({ kind: "harness" }), "broken", ["Harness faults"]],
    ["an error of the configuration", broken({ kind: "usage" }), "broken", ["Configuration faults"]],
    ["a lost case", { ...one("IPM-001"), attempts: [], shown: undefined }, "broken", ["Cases that never ended"]],
  ];
  for (const [what, entry, status, categories] of table) {
    it(`tells ${what} as what it is`, () => {
      expect(caseStanding(entry).status).to.equal(status);
      expect(categoriesOf(caseStanding(entry))).to.deep.equal(categories);
    });
  }

  it("keeps a testbed that lacks something apart from a run that ended early", () => {
    const names = [skipped("SKIP_KERNEL"), skipped("SKIP_INTERRUPTED")].map((entry) => caseStanding(entry));
    expect(names.map(({ message }) => message)).to.deep.equal([
      "SKIP_KERNEL: there is one node",
      "SKIP_INTERRUPTED: there is one node",
    ]);
    const matching = names.map(({ message = "" }) =>
      allureCategories().findIndex(({ messageRegex = "" }) => new RegExp(messageRegex).test(message)),
    );
    expect(new Set(matching)).to.have.length(2).and.not.to.include(-1);
  });

  it("says of a case without an end whose fault it was that the run ended", () => {
    const lost = { ...one("IPM-001"), attempts: [], shown: undefined };
    const categories = (kind: "host" | "harness" | "usage" | "subject") =>
      categoriesOf(caseStanding(lost, { kind, message: "no Docker" }));
    expect(categories("host")).to.deep.equal(["Host faults"]);
    expect(categories("harness")).to.deep.equal(["Harness faults"]);
    expect(categories("usage")).to.deep.equal(["Configuration faults"]);
    expect(categories("subject")).to.deep.equal(["Cases that never ended"]);
  });

  it("has one category for each reason to skip a case", () => {
    for (const code of SKIP_CODES) {
      expect(categoriesOf(caseStanding(skipped(code))), code).to.have.length(1);
    }
  });

  it("puts messages of several lines into their category", () => {
    const entry = one("STA-005");
    const lines = { ...entry, verdict: { ...entry.verdict, reason: "one\ntwo\u2028three" } };
    expect(categoriesOf(caseStanding(lines))).to.deep.equal(["Plugin faults"]);
  });

  it("names the code of an error", () => {
    expect(caseStanding(one("IPM-001")).message).to.equal("host fault PL_X: why IPM-001 is error");
  });

  it("judges one attempt by whose fault it was, whatever the lane called it", () => {
    const [attempt] = broken({ kind: "subject" }).attempts;
    const [hostly] = one("IPM-001").attempts;
    if (!attempt || !hostly) throw new Error("IPM-001 of the sample has no attempt");
    expect(attemptStanding(attempt).status).to.equal("failed");
    expect(attemptStanding(hostly)).to.include({ status: "broken", message: "host fault PL_X: no node" });
  });
});
