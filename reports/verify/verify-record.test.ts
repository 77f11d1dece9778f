import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "chai";
import fc from "fast-check";
import { sampleEvents } from "../../harness/results/sample-events.test-support.ts";
import { eventLines, writeSampleRecord } from "../../harness/results/sample-record.test-support.ts";
import { DEFAULT_FORMATS, type FolderFormat, type ReportFormat } from "../formats.ts";
import { writeReports } from "../write-reports.ts";
import { verifyRecord, type Verification } from "./verify-record.ts";

/** Paths of all files of a record. */
function filesOf(dir: string): readonly string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(dir, path.join(entry.parentPath, entry.name)))
    .toSorted();
}

describe("verifyRecord", () => {
  let root: string;
  let whole: string;
  let dir: string;
  before(async () => {
    root = mkdtempSync(path.join(tmpdir(), "plumbline-verify-"));
    whole = path.join(root, "whole");
    writeSampleRecord(whole);
    await writeReports(whole);
  });
  beforeEach(() => {
    dir = path.join(root, "record");
    rmSync(dir, { recursive: true, force: true });
    cpSync(whole, dir, { recursive: true });
  });
  after(() => rmSync(root, { recursive: true }));

  const at = (file: string): string => path.join(dir, file);
  const edit = (file: string, change: (text: string) => string): void =>
    writeFileSync(at(file), change(readFileSync(at(file), "utf8")));
  const told = ({ discrepancies }: Verification): readonly string[] =>
    discrepancies.map(({ file, what }) => `${file}: ${what}`);

  it("finds nothing in a record as it was written, wherever it lies", async () => {
    const verification = await verifyRecord(dir);
    expect(verification).to.deep.include({ discrepancies: [], notes: [], evidenceFiles: 3 });
    expect(verification.reports).to.have.length(DEFAULT_FORMATS.length);
    expect(await verifyRecord(at("events.ndjson"))).to.deep.equal(verification);
  });

  it("refuses each of 1,000 edits of one byte, in events, evidence and every report", async function () {
    this.timeout(300_000);
    const files = filesOf(dir);
    const bytes = new Map(files.map((file) => [file, readFileSync(at(file))]));
    const edited = new Set<string>();
    await fc.assert(
      fc.asyncProperty(fc.nat(files.length - 1), fc.nat(), fc.integer({ min: 1, max: 255 }), async (n, place, add) => {
        const file = files[n] ?? "";
        const before_ = bytes.get(file) ?? Buffer.alloc(0);
        const offset = place % before_.length;
        const after_ = Buffer.from(before_);
        after_[offset] = ((before_[offset] ?? 0) + add) % 256;
        writeFileSync(at(file), after_);
        try {
          expect(told(await verifyRecord(dir)), `byte ${offset} of ${file}`).not.to.deep.equal([]);
        } finally {
          writeFileSync(at(file), before_);
        }
        edited.add(file);
      }),
      { numRuns: 1000, seed: 20260102 },
    );
    expect([...edited].toSorted()).to.deep.equal(files);
    expect(told(await verifyRecord(dir)), "when all is as it was").to.deep.equal([]);
  });

  const edits: [string, () => void, RegExp[]][] = [
    [
      "an edited event",
      () => edit("events.ndjson", (text) => text.replace('"durationMs":1500', '"durationMs":1501')),
      [/^events\.ndjson: its digest is/, /^conformance\.json: \/cases\/0\/durationMs is 1500, the record gives 1501/],
    ],
    [
      "an event that is none",
      () => edit("events.ndjson", (text) => text.replace('"type":"testbed"', '"type":"bed"')),
      [/^events\.ndjson: .*events\.ndjson:4: /s, /^events\.ndjson: its digest is/],
    ],
    [
      "a status that was bettered in a report",
      () => edit("conformance.json", (text) => text.replace('"status": "failed"', '"status": "passed"')),
      [/^conformance\.json: \/cases\/6\/status is "passed", the record gives "failed"$/],
    ],
    [
      "a report that no longer keeps to its schema",
      () => edit("conformance.json", (text) => text.replace('"complete": true', '"complete": "yes"')),
      [/^conformance\.json: it does not keep to its schema: .*complete/, /^conformance\.json: \/complete is "yes"/],
    ],
    ["a report that is no JSON", () => edit("conformance.json", () => "{"), [/it is no JSON/, /line 2 is not there/]],
    [
      "another form of the same data",
      () => edit("ctrf.json", (text) => JSON.stringify(JSON.parse(text))),
      [/^ctrf\.json: line 1 is/],
    ],
    [
      "an edited summary",
      () => edit("summary.md", (text) => text.replace("| failed |", "| passed |")),
      [/^summary\.md: line \d+ is "\| STA-005 \| passed .*, the record gives "\| STA-005 \| failed/],
    ],
    [
      "a line that is missing at the end",
      () => edit("summary.txt", (text) => text.replace(/.*\n$/, "")),
      [/^summary\.txt: line \d+ is "", the record gives "again/],
    ],
    [
      "edited evidence",
      () => edit("evidence/STA-005/cni.json", (text) => text.replace("9", "10")),
      [/^evidence\/STA-005\/cni\.json: its digest is .* \(23 bytes, and not 22\)/],
    ],
    [
      "evidence that is gone",
      () => rmSync(at("evidence/STA-005/cni.json")),
      [/cni\.json: conformance\.json has its digest, and it is not there/, /cni\.json: the events name it/],
    ],
    [
      "evidence that lies elsewhere",
      () => {
        renameSync(at("evidence/ATT-002/net1.pcap"), path.join(root, "net1.pcap"));
        symlinkSync(path.join(root, "net1.pcap"), at("evidence/ATT-002/net1.pcap"));
      },
      [/net1\.pcap: conformance\.json has its digest, and it is not there/],
    ],
    [
      "evidence that nobody took",
      () => writeFileSync(at("evidence/STA-005/more.txt"), "more"),
      [/^evidence\/STA-005\/more\.txt: it is there, and conformance\.json has no digest of it/],
    ],
    [
      "events without the report that vouches for them",
      () => rmSync(at("conformance.json")),
      [/^conformance\.json: it is missing, so nothing vouches/],
    ],
  ];
  for (const [what, change, wanted] of edits) {
    it(`tells ${what}`, async () => {
      change();
      const found = told(await verifyRecord(dir));
      for (const pattern of wanted) {
        expect(
          found.some((line) => pattern.test(line)),
          `${pattern} in\n${found.join("\n")}`,
        ).to.equal(true);
      }
    });
  }

  it("tells a verdict that does not follow from the events, though all digests and reports are made anew", async () => {
    const turned = sampleEvents().map((event) =>
      event.type === "verdict" && event.caseId === "STA-005" ? { ...event, status: "passed" as const } : event,
    );
    writeFileSync(at("events.ndjson"), eventLines(turned));
    await writeReports(dir);
    expect(told(await verifyRecord(dir)).at(-1)).to.match(
      /^events\.ndjson: STA-005 is passed in the record, and failed/,
    );
  });

  it("takes a record that stops, and says what it could not do", async () => {
    writeFileSync(at("events.ndjson"), eventLines(sampleEvents().slice(0, 12)));
    await writeReports(dir);
    const verification = await verifyRecord(dir);
    expect(verification.discrepancies).to.deep.equal([]);
    expect(verification.notes).to.deep.equal([
      "verdicts were not judged again: the record stops before the end of the run",
    ]);
  });

  it("says what else lies there", async () => {
    writeFileSync(at("lane-0.log"), "");
    expect((await verifyRecord(dir)).notes).to.deep.equal(["not part of the record, and not looked at: lane-0.log"]);
  });

  it("holds a report that is a folder against the record, file by file", async () => {
    const write: FolderFormat["write"] = async ({ model }, { to }) => {
      writeFileSync(path.join(to, "index.html"), model.started.runId);
      writeFileSync(path.join(to, "data.json"), JSON.stringify(model.counts));
    };
    const folder: FolderFormat = { name: "pages", folder: "pages", isReproducible: true, write };
    const formats: readonly ReportFormat[] = [folder];
    const ofPages = async (used = formats) => told(await verifyRecord(dir, used));
    await writeReports(dir, { formats });
    expect(await ofPages()).to.deep.equal([]);
    edit("pages/data.json", (text) => text.replace('"passed":2', '"passed":8'));
    writeFileSync(at("pages/more.js"), "");
    rmSync(at("pages/index.html"));
    expect(await ofPages()).to.deep.equal([
      "pages/data.json: /passed is 8, the record gives 2",
      "pages/index.html: the record gives it, and it is not there",
      "pages/more.js: the record gives no such file",
    ]);
    expect(await ofPages([{ ...folder, isReproducible: false }])).to.deep.equal([]);
  });

  it("is for records alone", async () => {
    const error = await verifyRecord(root).catch((thrown: unknown) => thrown);
    expect(error).to.include({ code: "PL_RECORD_MISSING" });
  });
});
