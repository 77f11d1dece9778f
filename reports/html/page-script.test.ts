import { readFileSync, rmSync } from "node:fs";
import { expect } from "chai";
import {
  Window,
  type HTMLDetailsElement,
  type HTMLElement,
  type HTMLInputElement,
  type HTMLSelectElement,
} from "happy-dom";
import { packageFile } from "../../harness/core/package-root.ts";
import { foldEvents } from "../../harness/results/model.ts";
import { sampleEvents } from "../../harness/results/sample-events.test-support.ts";
import { recordDir } from "./record.test-support.ts";
import { reportHtml } from "./report-html.ts";

const script = readFileSync(packageFile("reports", "html", "assets", "page.js"), "utf8");

describe("the script of the HTML report", () => {
  let window: Window;
  beforeEach(() => {
    const dir = recordDir();
    window = new Window({ url: "https://report.example/report.html" });
    window.document.write(reportHtml(foldEvents(sampleEvents()), { dir, recordDir: "." }));
    rmSync(dir, { recursive: true });
  });
  afterEach(() => window.close());

  /** Runs the script as the browser does, alone in its scope. */
  const start = (): void => void window.eval(`(() => {${script}\n})()`);
  const one = (selector: string): HTMLElement => {
    const found = window.document.querySelector(selector);
    if (!found) throw new Error(`no ${selector}`);
    return found as HTMLElement;
  };
  const shown = (): string[] =>
    [...window.document.querySelectorAll("tr[data-status]")]
      .filter((row) => !(row as HTMLElement).hidden)
      .map((row) => row.id.replace("case-", ""));
  const type = (text: string): void => {
    (one("[name=text]") as HTMLInputElement).value = text;
    one("form.filter").dispatchEvent(new window.Event("input", { bubbles: true }));
  };

  it("is not needed: what it adds is hidden before, and all cases are there", () => {
    expect(one("form.filter").hidden).to.equal(true);
    expect(one("[data-copy]").hidden).to.equal(true);
    expect(shown().length).to.equal(8);
    start();
    expect(one("form.filter").hidden).to.equal(false);
    expect(one("[data-copy]").hidden).to.equal(false);
    expect(shown().length).to.equal(8);
  });

  it("finds cases by all words, wherever in a row they stand, and says how many", () => {
    start();
    type("td- DEMANDS");
    expect(shown()).to.deep.equal(["TD-001"]);
    expect(one("output").textContent).to.equal("1 of 8");
    type("annotation rte");
    expect(shown()).to.deep.equal(["RTE-001", "RTE-002"]);
    type("");
    expect(shown().length).to.equal(8);
  });

  it("filters by statuses, by touched beside them, and within a suite", () => {
    start();
    for (const value of ["failed", "flaky"]) one(`[name=status][value=${value}]`).click();
    expect(shown()).to.deep.equal(["STA-005", "TD-001"]);
    one("[name=touched]").click();
    expect(shown()).to.deep.equal(["ATT-002", "STA-005", "TD-001"]);
    (one("[name=suite]") as HTMLSelectElement).value = "selection";
    type("");
    expect(shown()).to.deep.equal(["ATT-002"]);
  });

  it("hides suites without a match and opens those with one", () => {
    start();
    type("ATT-001");
    const suites = [...window.document.querySelectorAll("details.suite")] as HTMLDetailsElement[];
    expect(suites.map(({ hidden }) => hidden)).to.deep.equal([false, true]);
    expect(suites[0]?.open).to.equal(true);
  });

  it("leads from the number of passed cases to them", () => {
    start();
    one("[data-count=passed] a").click();
    expect(shown()).to.deep.equal(["ATT-001", "ATT-002"]);
  });

  it("opens what a link leads to, and lets go of a filter that hides it", () => {
    start();
    type("ATT-001");
    window.location.hash = "#case-RTE-001";
    window.dispatchEvent(new window.Event("hashchange"));
    expect(shown().length).to.equal(8);
    expect((one("#case-RTE-001 details") as HTMLDetailsElement).open).to.equal(true);
    window.location.hash = "#problem-RTE-001";
    window.dispatchEvent(new window.Event("hashchange"));
    expect((one("#problem-RTE-001") as HTMLDetailsElement).open).to.equal(true);
  });

  it("unfolds failures and suites for paper, and folds them again", () => {
    start();
    const known = one("#problem-RTE-001") as HTMLDetailsElement;
    expect(known.open).to.equal(false);
    window.dispatchEvent(new window.Event("beforeprint"));
    expect(known.open).to.equal(true);
    window.dispatchEvent(new window.Event("afterprint"));
    expect(known.open).to.equal(false);
  });
});
