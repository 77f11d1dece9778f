import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { expect } from "chai";
import { packageFile } from "../harness/core/package-root.ts";
import { CASE_STATUSES } from "../harness/core/status.ts";
import { countsText, emptyCounts, type StatusCounts } from "../harness/results/counts.ts";
import { SAMPLE_STATUSES, sampleEvents } from "../harness/results/sample-events.test-support.ts";
import { conformanceJsonSchema, type ConformanceReport } from "./conformance/schema.ts";
import { writeReports } from "./write-reports.ts";

describe("the reports of a record which has every status in it", () => {
  let dir: string;
  let files: readonly string[];
  before(async () => {
    dir = mkdtempSync(path.join(tmpdir(), "plumbline-reports-"));
    writeFileSync(
      path.join(dir, "events.ndjson"),
      sampleEvents()
        .map((event) => `${JSON.stringify(event)}\n`)
        .join(""),
    );
    files = await writeReports(dir);
  });
  after(() => rmSync(dir, { recursive: true }));

  const text = (name: string): string => readFileSync(path.join(dir, name), "utf8");
  const conformance = (): ConformanceReport => JSON.parse(text("conformance.json")) as ConformanceReport;

  const expected = (): StatusCounts => {
    const counts = emptyCounts();
    for (const status of Object.values(SAMPLE_STATUSES)) counts[status]++;
    return counts;
  };

  it("lie beside the record", () => {
    expect(files.map((file) => path.relative(dir, file))).to.deep.equal([
      "conformance.json",
      "junit.xml",
      "summary.txt",
      "summary.md",
      "report.html",
    ]);
  });

  it("all have the same counts", () => {
    const { counts, cases } = conformance();
    expect(counts, "conformance.json").to.deep.equal(expected());
    for (const status of CASE_STATUSES) {
      expect(cases.filter((entry) => entry.status === status).length, `cases that are ${status}`).to.equal(
        counts[status],
      );
      const inJunit = text("junit.xml").split(`name="plumbline.status" value="${status}"`).length - 1;
      expect(inJunit, `JUnit: ${status}`).to.equal(counts[status]);
      const inMarkdown = text("summary.md").match(new RegExp(`^\\| [A-Z]+-\\d+ \\| ${status}\\b`, "gm"))?.length ?? 0;
      expect(inMarkdown, `Markdown: ${status}`).to.equal(counts[status]);
    }
    expect(text("summary.txt")).to.contain(`8 cases on ptp-thick: ${countsText(counts)}`);
    expect(text("summary.md")).to.contain(`8 cases on \`ptp-thick\`: ${countsText(counts)}`);
    // what CI systems read: failed, flaky and fixed are failures
    expect(text("junit.xml")).to.match(/<testsuites [^>]*tests="8" failures="3" errors="1" skipped="1"/);
  });

  it("are the same for the same record", async () => {
    const before_ = files.map((file) => readFileSync(file, "utf8"));
    await writeReports(dir);
    expect(files.map((file) => readFileSync(file, "utf8"))).to.deep.equal(before_);
  });

  it("keep to the shipped schema, which is made from the types", () => {
    const shipped: unknown = JSON.parse(readFileSync(packageFile("schemas", "conformance.schema.json"), "utf8"));
    expect(shipped).to.deep.equal(conformanceJsonSchema());
    const ajv = new Ajv2020({ strict: true, allowUnionTypes: true });
    addFormats.default(ajv);
    const validate = ajv.compile(shipped as object);
    expect(validate(conformance()), JSON.stringify(validate.errors)).to.equal(true);
    expect(validate({ ...conformance(), verdict: "fine" })).to.equal(false);
  });

  it("are the same wherever the record lies", () => {
    for (const file of files) expect(readFileSync(file, "utf8")).not.to.contain(dir);
  });

  it("are refused for a folder without a record", async () => {
    const error = await writeReports(path.join(dir, "nowhere")).catch((thrown: unknown) => thrown);
    expect(error).to.include({ code: "PL_RECORD_MISSING" });
  });
});
