import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { expect } from "chai";
import { packageFile } from "../harness/core/package-root.ts";
import { sampleEvents } from "../harness/results/sample-events.test-support.ts";
import { eventLines, writeSampleRecord } from "../harness/results/sample-record.test-support.ts";
import { conformanceJsonSchema, type ConformanceReport } from "./conformance/schema.ts";
import type { FolderFormat, ReportFormat } from "./formats.ts";
import { writeReports } from "./write-reports.ts";

describe("writeReports", () => {
  let root: string;
  let record: string;
  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), "plumbline-reports-"));
    record = path.join(root, "record");
    writeSampleRecord(record);
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const runId = "20260102T030405-abc123";

  it("leaves the others alone where one cannot be made", async () => {
    const broken: ReportFormat = {
      name: "broken",
      file: "broken.txt",
      make: () => {
        throw new Error("a bug");
      },
    };
    const good: ReportFormat = { name: "good", file: "good.txt", make: ({ model }) => model.started.runId };
    writeFileSync(path.join(record, "broken.txt"), "the one before");
    const { files, failures } = await writeReports(record, { formats: [broken, good] });
    expect(files).to.deep.equal([path.join(record, "good.txt")]);
    expect(failures.map(({ code, message }) => [code, message])[0]).to.deep.equal([
      "PL_REPORT",
      `the report broken of ${record} was not written: a bug`,
    ]);
    expect(readFileSync(path.join(record, "broken.txt"), "utf8")).to.equal("the one before");
    expect(readdirSync(record).filter((name) => name.endsWith(".new"))).to.deep.equal([]);
  });

  it("ends where it is interrupted: what was made stays, and what was there before", async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    const slow: FolderFormat = {
      name: "slow",
      folder: "slow",
      isReproducible: true,
      write: async (_, { signal }) => {
        const ended = new Promise((_resolve, reject) => {
          signal?.addEventListener("abort", () => reject(new Error("its program was ended")), { once: true });
        });
        controller.abort(reason);
        await ended;
      },
    };
    const made = (name: string): ReportFormat => ({ name, file: name, make: () => name });
    const options = { formats: [made("first"), slow, made("last")], signal: controller.signal };
    const ended = await writeReports(record, options).catch((error: unknown) => error);
    expect(ended).to.equal(reason);
    expect(readdirSync(record)).to.include("first").and.not.to.include.members(["last"]);
    expect(readdirSync(record).filter((name) => name.startsWith("slow"))).to.deep.equal([]);
  });

  it("writes a report that is a folder in the place of the one before", async () => {
    const folder: FolderFormat = {
      name: "pages",
      folder: "pages",
      isReproducible: true,
      write: async ({ model }, { from, to }) => {
        const evidence = readFileSync(path.join(from, "evidence/STA-005/cni.json"), "utf8");
        writeFileSync(path.join(to, `${model.cases.length}.txt`), evidence);
      },
    };
    await writeReports(record, { formats: [folder] });
    writeFileSync(path.join(record, "pages", "old.txt"), "");
    const { files } = await writeReports(record, { formats: [folder] });
    expect(files).to.deep.equal([path.join(record, "pages")]);
    expect(readdirSync(path.join(record, "pages"))).to.deep.equal(["8.txt"]);
  });

  it("writes elsewhere, with paths of evidence that lead back to the record", async () => {
    const { files } = await writeReports(record, { into: path.join(root, "out") });
    expect(files[0]).to.equal(path.join(root, "out", runId, "conformance.json"));
    const summary = readFileSync(path.join(root, "out", runId, "summary.txt"), "utf8");
    const evidence = /evidence +(\S+cni\.json)/.exec(summary)?.[1] ?? "";
    expect(existsSync(path.join(root, "out", runId, evidence)), evidence).to.equal(true);
    expect(existsSync(path.join(record, "conformance.json"))).to.equal(false);
  });

  it("is not led out of the folder by the id in a record", async () => {
    const [first, ...rest] = sampleEvents();
    writeFileSync(path.join(record, "events.ndjson"), eventLines([{ ...first, runId: "../../gone" }, ...rest]));
    const error = await writeReports(record, { into: path.join(root, "out") }).catch((thrown: unknown) => thrown);
    expect(error).to.include({ code: "PL_RECORD_BROKEN" });
    expect((await writeReports(record)).failures).to.deep.equal([]);
  });

  it("tells a record that is cut off up to there, and in which line it is", async () => {
    writeFileSync(path.join(record, "events.ndjson"), eventLines(sampleEvents().slice(0, 9)));
    appendFileSync(path.join(record, "events.ndjson"), '{"seq":9,"at');
    const { truncatedAtLine, failures } = await writeReports(record);
    expect([truncatedAtLine, failures]).to.deep.equal([10, []]);
    expect(readFileSync(path.join(record, "summary.txt"), "utf8")).to.match(/^INCOMPLETE/);
  });
});

describe("the reports of a record which has every status in it", () => {
  let dir: string;
  let files: readonly string[];
  before(async () => {
    dir = mkdtempSync(path.join(tmpdir(), "plumbline-reports-"));
    writeSampleRecord(dir);
    ({ files } = await writeReports(dir));
  });
  after(() => rmSync(dir, { recursive: true }));

  const text = (name: string): string => readFileSync(path.join(dir, name), "utf8");
  /** Every file that the reports are, those in folders too. */
  const texts = (): readonly string[] =>
    files
      .flatMap((file) => (statSync(file).isFile() ? [file] : readdirSync(file).map((name) => path.join(file, name))))
      .map((file) => readFileSync(file, "utf8"));
  const conformance = (): ConformanceReport => JSON.parse(text("conformance.json")) as ConformanceReport;

  it("lie beside the record", () => {
    expect(files.map((file) => path.relative(dir, file))).to.deep.equal([
      "conformance.json",
      "conformance.yaml",
      "junit.xml",
      "ctrf.json",
      "report.html",
      "allure-results",
      "summary.txt",
      "summary.md",
    ]);
  });

  it("are the same for the same record", async () => {
    const before_ = texts();
    await writeReports(dir);
    expect(texts()).to.deep.equal(before_);
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
    for (const text_ of texts()) expect(text_).not.to.contain(dir);
  });

  it("are refused for a folder without a record", async () => {
    const error = await writeReports(path.join(dir, "nowhere")).catch((thrown: unknown) => thrown);
    expect(error).to.include({ code: "PL_RECORD_MISSING" });
  });
});
