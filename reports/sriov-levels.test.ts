import { rmSync } from "node:fs";
import { expect } from "chai";
import type { RunEvent } from "../harness/results/events.ts";
import { foldEvents, type RunModel } from "../harness/results/model.ts";
import { sampleEvents } from "../harness/results/sample-events.test-support.ts";
import { caseResults } from "./allure/case-results.ts";
import { conformanceReport } from "./conformance/conformance-report.ts";
import { conformanceReportSchema } from "./conformance/schema.ts";
import { ctrfJson } from "./ctrf/ctrf-json.ts";
import { elementsIn, ParsedPage, textOf } from "./html/parsed-page.test-support.ts";
import { recordDir } from "./html/record.test-support.ts";
import { reportHtml } from "./html/report-html.ts";
import { junitXml } from "./junit/junit-xml.ts";
import { levelTexts } from "./sriov-levels.ts";
import { summaryMarkdown } from "./summary/summary-markdown.ts";
import { summaryText } from "./summary/summary-text.ts";

const AT: Readonly<Record<string, readonly string[]>> = { "ATT-001": ["S0", "S1"], "STA-005": ["S1"] };
const REQUESTED = "S1: what is asked of a VF is requested and restored, not enforced";

/** The sample on a testbed with VFs. */
const withLevels = foldEvents(
  sampleEvents().map((event): RunEvent => {
    const levels = event.type === "case-ended" ? AT[event.caseId] : undefined;
    return event.type === "case-ended" && levels ? { ...event, sriovLevels: levels } : event;
  }),
);
const without = foldEvents(sampleEvents());

const digest = { path: "events.ndjson", bytes: 1, sha256: "a".repeat(64) };
const conformance = (model: RunModel) => conformanceReport(model, { events: digest, evidence: [] });

/** Every report as text. */
function all(model: RunModel): readonly string[] {
  const dir = recordDir();
  try {
    const source = { model, recordDir: dir };
    return [
      JSON.stringify(conformance(model)),
      junitXml(model, dir),
      ctrfJson(model, dir),
      summaryText(model, { recordDir: dir }),
      summaryMarkdown(model, dir),
      reportHtml(model, { dir, recordDir: "." }),
      JSON.stringify(model.cases.flatMap((entry) => caseResults(source, entry))),
    ];
  } finally {
    rmSync(dir, { recursive: true });
  }
}

describe("levels of simulated SR-IOV in reports", () => {
  const [, junit = "", ctrf = "", text = "", markdown = "", html = "", allure = ""] = all(withLevels);

  it("are in none of a run without VFs", () => {
    for (const report of all(without)) expect(report).to.not.match(/sriov|\bS[01]\b/i);
  });

  it("are those of all attempts at a case", () => {
    const [first] = withLevels.cases;
    expect(first).to.deep.include({ id: "ATT-001", sriovLevels: ["S0", "S1"] });
    expect(without.cases.flatMap(({ sriovLevels }) => sriovLevels)).to.deep.equal([]);
  });

  it("are a field of a case in conformance.json, which keeps to its schema", () => {
    const { cases } = conformanceReportSchema.parse(conformance(withLevels));
    const told = cases.flatMap(({ id, sriovLevels }) => (sriovLevels ? [[id, sriovLevels]] : []));
    expect(Object.fromEntries(told)).to.deep.equal(AT);
  });

  it("are a property in JUnit, and labels in CTRF and Allure", () => {
    expect(junit).to.contain('<property name="plumbline.sriov-levels" value="S0 S1"/>');
    const { results } = JSON.parse(ctrf) as {
      results: { tests: { testId: string; labels?: Record<string, unknown> }[] };
    };
    expect(results.tests.find(({ testId }) => testId === "STA-005")?.labels).to.deep.include({ sriovLevels: ["S1"] });
    const made = JSON.parse(allure) as { result: { fullName: string; labels: object[]; parameters: object[] } }[];
    const { labels, parameters } = made.find(({ result }) => result.fullName.endsWith(":ATT-001"))?.result ?? {};
    expect(labels).to.deep.include.members([
      { name: "sriov-level", value: "S0" },
      { name: "sriov-level", value: "S1" },
    ]);
    // it is no other case on another level: the history stays one
    expect(parameters).to.deep.include({ name: "SR-IOV level", value: "S0, S1", excluded: true });
  });

  it("stand beside each case in Markdown and on the page, and at what failed", () => {
    expect(markdown)
      .to.match(/^\| STA-005 \| failed \| S1 \|/m)
      .and.to.match(/^\| ATT-002 \| passed \(touched\) \| {2}\|/m);
    expect(markdown).to.contain(`- level: ${REQUESTED}`);
    const page = new ParsedPage(html);
    const summaries = elementsIn(page.byId("case-ATT-001")).filter(({ tagName }) => tagName === "summary");
    expect(summaries.map(textOf).join(" ")).to.contain("S0, S1");
    expect(html).to.contain(REQUESTED);
  });

  it("say of VFs of NICs that what is asked of them is not looked at", () => {
    const real = "S3: a VF of a NIC is moved by the cluster's own plugin; what is asked of it is not looked at";
    expect(levelTexts(["S3"])).to.deep.equal([real]);
  });

  it("are told in words on the terminal: requested, never enforced", () => {
    const block = text.slice(text.indexOf("FAILED STA-005"), text.indexOf("FLAKY TD-001"));
    expect(block).to.contain(`level      ${REQUESTED}`);
    expect(text).to.contain(`SR-IOV     S0: a VF is moved as it is, and nothing is asked of it; ${REQUESTED}`);
    for (const report of all(withLevels)) expect(report).to.not.match(/(?<!not )(?<!never )enforced/);
  });
});
