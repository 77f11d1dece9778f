import { expect } from "chai";
import type { RunEvent } from "../../harness/results/events.ts";
import { foldEvents } from "../../harness/results/model.ts";
import { numbered, sampleEvents } from "../../harness/results/sample-events.test-support.ts";
import { summaryMarkdown } from "./summary-markdown.ts";
import { summaryText, type Style } from "./summary-text.ts";

function text(events: readonly RunEvent[], style?: Style): string {
  return summaryText(foldEvents(events), { recordDir: "out/run", ...(style ? { style } : {}) });
}

/** The sample without what is wrong in it. */
function good(): RunEvent[] {
  const kept = new Set(["ATT-001", "RTE-001"]);
  return sampleEvents().flatMap((event): RunEvent[] => {
    if (event.type === "run-started") return [{ ...event, selection: [...kept] }];
    if (event.type === "run-ended") return [{ ...event, exitCode: 0, causes: [] }];
    if (event.type === "violation" || event.type === "cleanup-failed") return [];
    return "caseId" in event && !kept.has(event.caseId) ? [] : [event];
  });
}

describe("the summary on the terminal", () => {
  const lines = text(sampleEvents()).split("\n");

  it("begins with the verdict and its causes", () => {
    expect(lines[0]).to.equal("NOT PASSED (exit 1): 1 failed: STA-005; 1 flaky: TD-001");
    expect(lines[2]).to.match(
      /^profile sample: core not conformant \(3 of 7 passed\), extended incomplete \(0 of 2 passed, 1 not run\)/,
    );
    expect(lines[3]).to.match(/touched .*: ATT-002/);
    expect(lines[4]).to.equal("clean-up failed: delete the network");
  });

  it("tells what was under test, and in one line what had nothing to ask it", () => {
    const skip = { code: "SKIP_PLUGIN_ROLE" as const, text: "it asks chained plugins" };
    const events = sampleEvents().map((event): RunEvent => {
      if (event.type === "verdict" && event.caseId === "NAD-001") return { ...event, skip, reason: skip.text };
      if (event.type === "subject")
        return { ...event, subject: { ...event.subject, name: "my-cni", role: "under test" } };
      return event.type === "run-started" ? { ...event, command: ["run", "--plugin", "./my-cni"] } : event;
    });
    const whole = text(events);
    expect(whole).to.contain("under test my-cni v4.3.0 (built here) of a module, sha256:1");
    expect(whole).to.contain("SKIPPED SKIP_PLUGIN_ROLE, nothing to ask the plugin under test: NAD-001");
    expect(whole).to.contain("extended incomplete (0 of 1 passed, 1 not run, 1 not applicable)");
    expect(whole).to.contain("plumbline run --stack ptp-thick --plugin ./my-cni --case STA-005");
  });

  it("tells each failure with clause, values, evidence and the command", () => {
    const whole = lines.join("\n");
    const block = whole.slice(whole.indexOf("FAILED STA-005"), whole.indexOf("FLAKY TD-001"));
    expect(block).to.match(/why +why STA-005 is failed/);
    expect(block).to.match(/clause +NPWG multi-net-spec v1\.3, 5: The annotation is a list\./);
    expect(block).to.match(/STA-005\/ips\n +expected "10\.1\.1\.7"\n +observed "10\.1\.1\.9"/);
    expect(block).to.match(/invariant four-sources on lane-0\/att-002: net1 ips\n +expected \["10\.1\.1\.7"\]/);
    expect(block).to.match(/evidence +out\/run\/evidence\/STA-005\/cni\.json/);
    expect(block).to.match(/reproduce +plumbline run --stack ptp-thick --case STA-005/);
  });

  it("puts failures before errors, then what is known with its issue, then what was skipped and why", () => {
    const whole = lines.join("\n");
    const marks = [
      "FAILED STA-005",
      "FLAKY TD-001",
      "FIXED RTE-002",
      "ERROR IPM-001",
      "KNOWN RTE-001",
      "SKIPPED NAD-001",
    ];
    const places = marks.map((mark) => whole.indexOf(mark));
    expect(places).to.deep.equal(places.toSorted((a, b) => a - b));
    expect(Math.min(...places)).to.be.greaterThan(0);
    expect(whole).to.contain("upstream   https://example.org/1").and.to.contain("SKIP_FEATURE: there is one node");
  });

  it("ends with invariants, subjects, times and the record", () => {
    const whole = lines.join("\n");
    expect(whole).to.contain("four-sources: 8 pods, 96 checks, 1 violation");
    expect(whole).to.contain("multus v4.3.0 (built here)");
    expect(whole).to.match(/time +26\.0 s, first verdict after 5\.0 s/);
    expect(whole).to.match(/waited for Create the cluster 1\.9 s > Run 8 cases 11\.0 s/);
    expect(whole).to.match(/record +out\/run/);
  });

  it("colours by the given style and has the same words without", () => {
    const coloured = text(sampleEvents(), (colour, words) => `<${colour}>${words}</${colour}>`);
    expect(coloured).to.contain("<bold><red>NOT PASSED");
    expect(coloured.replaceAll(/<\/?(?:bold|dim|red|green|yellow|cyan)>/g, "")).to.equal(lines.join("\n"));
  });

  it("is short where all is well, and still names what is known", () => {
    const whole = text(good());
    expect(whole).to.match(/^PASSED: nothing unexpected; 1 known deviation\n2 cases on ptp-thick: 1 passed, 1 known\n/);
    expect(whole).to.contain("KNOWN RTE-001").and.not.to.contain("reproduce");
  });

  it("tells one reason of many cases once", () => {
    const [first] = sampleEvents();
    if (first?.type !== "run-started") throw new Error("the sample is empty");
    const errors = first.selection.map((caseId) => {
      return { type: "verdict", caseId, status: "error", reason: "no cluster", touched: false, via: "case" } as const;
    });
    const whole = text([first, ...numbered(errors)]);
    expect(whole.match(/no cluster/g)).to.have.length(1);
    expect(whole).to.contain("ERROR ATT-001, ATT-002, STA-005");
  });

  it("says how a run ended that has no end", () => {
    expect(text(sampleEvents().slice(0, 9))).to.match(/^INCOMPLETE/);
    const interrupted = [...sampleEvents(), ...numbered([{ type: "interrupted", signal: "SIGINT" }])];
    expect(text(interrupted)).to.match(/^INTERRUPTED by SIGINT/);
  });
});

describe("the summary as Markdown", () => {
  const markdown = summaryMarkdown(foldEvents(sampleEvents()), "out/run");

  it("has the verdict as its heading and every case in a table", () => {
    expect(markdown).to.match(/^## ❌ NOT PASSED \(exit 1\)/);
    expect(markdown.match(/^\| [A-Z]+-\d+ \|/gm)).to.have.length(9);
    expect(markdown).to.contain("| ATT-002 | passed (touched) |");
  });

  it("lets no text become markup", () => {
    expect(markdown)
      .to.contain(String.raw`STA-005/ips`)
      .and.not.to.contain("<said>");
  });
});
