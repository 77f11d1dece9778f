import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "chai";
import { validate } from "ctrf";
import fc from "fast-check";
import { XMLParser, XMLValidator } from "fast-xml-parser";
import { CORE_SCHEMA, load, YAML11_SCHEMA } from "js-yaml";
import { CASE_STATUSES } from "../harness/core/status.ts";
import { SAMPLE_STATUSES } from "../harness/results/sample-events.test-support.ts";
import { writeSampleRecord } from "../harness/results/sample-record.test-support.ts";
import { REPORT_FORMATS } from "./formats.ts";
import { readSource, writeReports } from "./write-reports.ts";

type Counts = Record<string, number>;
type Statuses = Record<string, string>;

const WANTED: Statuses = { ...SAMPLE_STATUSES };
const WANTED_COUNTS = countsOf(WANTED);

function countsOf(statuses: Statuses): Counts {
  const counts: Counts = Object.fromEntries(CASE_STATUSES.map((status) => [status, 0]));
  for (const status of Object.values(statuses)) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

/** `2 passed, 1 failed` */
function countsOfLine(line: string): Counts {
  const told = [...line.matchAll(/(\d+) ([a-z]+)/g)].map(([, n, status]) => [status, Number(n)] as const);
  return { ...countsOf({}), ...Object.fromEntries(told) };
}

interface Conformance {
  readonly counts: Counts;
  readonly cases: readonly { readonly id: string; readonly status: string }[];
}

interface Ctrf {
  readonly results: {
    readonly summary: Counts & { readonly extra: { readonly counts: Counts } };
    readonly tests: readonly { readonly testId: string; readonly status: string; readonly rawStatus: string }[];
  };
}

interface Junit {
  readonly testsuites: Counts & {
    readonly testsuite: readonly {
      readonly testcase: readonly {
        readonly "@name": string;
        readonly properties: { readonly property: readonly { readonly "@name": string; readonly "@value": string }[] };
        readonly failure?: readonly unknown[];
        readonly error?: readonly unknown[];
        readonly skipped?: readonly unknown[];
      }[];
    }[];
  };
}

describe("an independent reader of each report", () => {
  let dir: string;
  before(async () => {
    dir = mkdtempSync(path.join(tmpdir(), "plumbline-readers-"));
    writeSampleRecord(dir);
    await writeReports(dir);
  });
  after(() => rmSync(dir, { recursive: true }));

  const text = (name: string): string => readFileSync(path.join(dir, name), "utf8");
  const xml = (): Junit => {
    const lists = ["testsuite", "testcase", "property", "failure", "error", "skipped"];
    const parser = new XMLParser({
      ignoreAttributes: false,
      attributeNamePrefix: "@",
      isArray: (name) => lists.includes(name),
    });
    return parser.parse(text("junit.xml")) as Junit;
  };

  it("is here for every report", () => {
    const read = ["conformance.json", "conformance.yaml", "junit.xml", "ctrf.json", "summary.txt", "summary.md"];
    expect(REPORT_FORMATS.flatMap((format) => ("file" in format ? format.file : []))).to.include.members(read);
  });

  it("has every status to find", () => {
    expect(Object.values(WANTED_COUNTS).every((n) => n > 0)).to.equal(true);
  });

  for (const [name, read] of [
    ["conformance.json", (content: string) => JSON.parse(content) as Conformance],
    ["conformance.yaml", (content: string) => load(content, { schema: CORE_SCHEMA }) as Conformance],
  ] as const) {
    it(`finds the counts in ${name}, and each status`, () => {
      const { counts, cases } = read(text(name));
      expect(counts).to.deep.equal(WANTED_COUNTS);
      expect(Object.fromEntries(cases.map(({ id, status }) => [id, status]))).to.deep.equal(WANTED);
    });
  }

  it("finds the same in conformance.yaml as in conformance.json, by the rules of YAML 1.1 and 1.2 alike", () => {
    const wanted: unknown = JSON.parse(text("conformance.json"));
    for (const schema of [CORE_SCHEMA, YAML11_SCHEMA]) {
      expect(load(text("conformance.yaml"), { schema })).to.deep.equal(wanted);
    }
  });

  it("finds any text in YAML as it is in JSON", () => {
    const { source } = readSource(dir);
    const [json, yaml] = ["json", "yaml"].map((name) => REPORT_FORMATS.find((format) => format.name === name));
    if (!json || !yaml || !("file" in json) || !("file" in yaml)) throw new Error("a format is missing");
    const texts = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom("\u0085", "a\u2028b", "\uFEFFx", "yes", "0x1f", "1_000", "~", "=", "1:30", "- a"),
    );
    fc.assert(
      fc.property(texts, (cleanup) => {
        const model = { ...source.model, cases: [], cleanupFailures: [cleanup] };
        const wanted: unknown = JSON.parse(json.make({ ...source, model }));
        for (const schema of [CORE_SCHEMA, YAML11_SCHEMA]) {
          expect(load(yaml.make({ ...source, model }), { schema })).to.deep.equal(wanted);
        }
      }),
    );
  });

  it("finds the counts in junit.xml, and each status", () => {
    expect(XMLValidator.validate(text("junit.xml"))).to.equal(true);
    const { testsuites } = xml();
    const cases = testsuites.testsuite.flatMap(({ testcase }) => testcase);
    const statusOf = (entry: (typeof cases)[number]) =>
      entry.properties.property.find((property) => property["@name"] === "plumbline.status")?.["@value"] ?? "none";
    expect(Object.fromEntries(cases.map((entry) => [entry["@name"].split(" ")[0], statusOf(entry)]))).to.deep.equal(
      WANTED,
    );
    const { failed = 0, flaky = 0, fixed = 0, error, skipped } = WANTED_COUNTS;
    const tests = Object.keys(WANTED).length;
    const totals = { tests, failures: failed + flaky + fixed, errors: error, skipped };
    for (const [name, total] of Object.entries(totals)) expect(Number(testsuites[`@${name}`]), name).to.equal(total);
    expect(cases.filter((entry) => entry.failure)).to.have.length(totals.failures);
    expect(cases.filter((entry) => entry.error)).to.have.length(totals.errors ?? 0);
    expect(cases.filter((entry) => entry.skipped)).to.have.length(totals.skipped ?? 0);
  });

  it("finds the counts in ctrf.json, each status, and the published schema kept", () => {
    const report: unknown = JSON.parse(text("ctrf.json"));
    expect(validate(report)).to.deep.include({ valid: true });
    expect(validate({ ...(report as object), specVersion: 1 })).to.deep.include({ valid: false });
    const { summary, tests } = (report as Ctrf).results;
    expect(Object.fromEntries(tests.map(({ testId, rawStatus }) => [testId, rawStatus]))).to.deep.equal(WANTED);
    expect(summary.extra.counts).to.deep.equal(WANTED_COUNTS);
    const { passed = 0, known = 0, failed = 0, flaky = 0, fixed = 0, error, skipped } = WANTED_COUNTS;
    const totals = { passed: passed + known, failed: failed + flaky + fixed, skipped, other: error, pending: 0, flaky };
    expect(summary).to.deep.include({ ...totals, tests: tests.length });
    for (const status of ["passed", "failed", "skipped", "other", "pending"] as const) {
      expect(tests.filter((entry) => entry.status === status).length, status).to.equal(totals[status]);
    }
  });

  it("finds the counts in summary.md, and each status", () => {
    const lines = text("summary.md").split("\n");
    const rows = lines.map((line) => line.split("|").map((cell) => cell.trim()));
    const cases = rows.filter(([, id = ""]) => /^[A-Z]+-\d{3}$/.test(id) && id in WANTED);
    const inTable = cases.filter((row) => row.length === 7);
    expect(Object.fromEntries(inTable.map(([, id, status]) => [id, status?.split(" ")[0]]))).to.deep.equal(WANTED);
    const counted = lines.find((line) => line.includes("cases on "))?.split("`: ")[1] ?? "";
    expect(countsOfLine(counted)).to.deep.equal(WANTED_COUNTS);
  });

  it("finds the counts in summary.txt, and whoever did not pass", () => {
    const lines = text("summary.txt").split("\n");
    const counted = lines.find((line) => line.includes("cases on "))?.split(": ")[1] ?? "";
    expect(countsOfLine(counted)).to.deep.equal(WANTED_COUNTS);
    const told = lines.flatMap((line) => /^([A-Z]+) ([A-Z]+-\d{3}) /.exec(line)?.slice(1) ?? []);
    const pairs = Array.from({ length: told.length / 2 }, (_, i) => [told[2 * i + 1], told[2 * i]?.toLowerCase()]);
    const rest = Object.entries(WANTED).filter(([, status]) => status !== "passed");
    expect(Object.fromEntries(pairs)).to.deep.equal(Object.fromEntries(rest));
  });
});
