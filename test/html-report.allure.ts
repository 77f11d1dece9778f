import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect } from "chai";
import { outsideLoads } from "../reports/allure/private-pages.ts";
import { renderAllure } from "../reports/allure/render-allure.ts";
import { nextDay, SampleRecord } from "../reports/allure/sample-record.test-support.ts";

/** As the report has it. */
interface TestCase {
  readonly name: string;
  readonly extra: { readonly history: { readonly items: readonly { readonly status: string }[] } };
}

/**
 * Makes real reports and reads what Allure made of the results. Needs Java and both packages:
 * `npm install --no-save allure-commandline@2.46.1 allure@3.18.0`.
 */
describe("the HTML that Allure really makes", () => {
  const record = new SampleRecord();
  let resultsDirs: readonly string[];
  before(async () => {
    resultsDirs = [await record.write("results"), await record.write("next-results", nextDay())];
  });
  after(() => record.remove());

  const at = (...parts: string[]): string => path.join(record.dir, ...parts);
  const json = (...parts: string[]): unknown => JSON.parse(readFileSync(at(...parts), "utf8"));
  const page = (): string => readFileSync(at("html", "index.html"), "utf8");
  const categories = (): readonly string[] =>
    (json("results", "categories.json") as readonly { name: string }[]).map(({ name }) => name);

  it("by Allure 2 has the counts, the categories and the trend of both runs, and no analytics", async () => {
    for (const resultsDir of resultsDirs) {
      await renderAllure({ resultsDirs: [resultsDir], outDir: at("html"), historyDir: at("kept"), tool: "allure2" });
    }
    expect(json("html", "widgets", "summary.json")).to.deep.include({
      reportName: "Plumbline on ptp-thick",
      statistic: { failed: 2, broken: 1, skipped: 2, passed: 3, unknown: 0, total: 8 },
    });
    const trend = json("html", "widgets", "history-trend.json") as readonly { data: { failed: number } }[];
    expect(trend.map(({ data }) => data.failed)).to.deep.equal([2, 3]);
    const { children } = json("html", "data", "categories.json") as { children: readonly { name: string }[] };
    expect(children.map(({ name }) => name)).to.have.length(6);
    expect(categories()).to.include.members(children.map(({ name }) => name));
    const [repaired] = testCases().filter(({ name }) => name.startsWith("STA-005"));
    expect(repaired?.extra.history.items.map(({ status }) => status)).to.deep.equal(["failed"]);
    expect(page()).not.to.match(/googletagmanager|gtag/);
    expect(outsideLoads(page())).to.equal(undefined);
  });

  it("by Allure 3 has the counts, the categories and the history of both runs, and no analytics", async () => {
    for (const resultsDir of resultsDirs) {
      await renderAllure({ resultsDirs: [resultsDir], outDir: at("html"), historyDir: at("kept"), tool: "allure3" });
    }
    expect(json("html", "widgets", "statistic.json")).to.include({
      total: 8,
      failed: 2,
      broken: 1,
      skipped: 2,
      passed: 3,
      flaky: 1,
      retries: 1,
    });
    const { nodes } = json("html", "widgets", "categories.json") as {
      nodes: Record<string, { type: string; name: string }>;
    };
    const roots = Object.values(nodes).filter(({ type }) => type === "category");
    expect(roots).to.have.length(6);
    expect(categories()).to.include.members(roots.map(({ name }) => name));
    const [, last] = readdirSync(at("kept", "allure3")).toSorted();
    expect(
      readFileSync(at("kept", "allure3", last ?? "", "history.jsonl"), "utf8")
        .trim()
        .split("\n"),
    ).to.have.length(2);
    expect(page()).not.to.match(/googletagmanager|gtag/);
    expect(outsideLoads(page())).to.equal(undefined);
  });

  for (const tool of ["allure2", "allure3"] as const) {
    it(`by ${tool} can be one file with all in it`, async () => {
      await renderAllure({ resultsDirs: resultsDirs.slice(0, 1), outDir: at("html"), tool, singleFile: true });
      expect(page()).not.to.match(/googletagmanager|gtag/);
      expect(outsideLoads(page())).to.equal(undefined);
      expect(readdirSync(at("html")))
        .to.include("index.html")
        .and.not.to.include("data");
    });
  }

  function testCases(): readonly TestCase[] {
    const dir = at("html", "data", "test-cases");
    return readdirSync(dir).map((file) => json("html", "data", "test-cases", file) as TestCase);
  }
});
