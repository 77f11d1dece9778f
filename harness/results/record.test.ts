import { appendFileSync, mkdtempSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "chai";
import type { RunEvent, RunEventBody } from "./events.ts";
import { parseEvents, readRecord } from "./record-reader.ts";
import { RecordWriter } from "./record-writer.ts";
import { sampleEvents } from "./sample-events.test-support.ts";

function bodyOf({ seq: _seq, at: _at, ...body }: RunEvent): RunEventBody {
  return body;
}

const text = (events: readonly unknown[]): string => events.map((event) => `${JSON.stringify(event)}\n`).join("");

describe("the run record", () => {
  let outDir: string;
  beforeEach(() => {
    outDir = mkdtempSync(path.join(tmpdir(), "plumbline-record-"));
  });
  afterEach(() => rmSync(outDir, { recursive: true }));

  it("is read as it was written, whatever event it is", () => {
    const writer = RecordWriter.create({ outDir, runId: "run-1" });
    const written = sampleEvents().map((event) => writer.write(bodyOf(event)));
    writer.close();
    writer.close();
    const record = readRecord(writer.dir);
    expect(record.events).to.deep.equal(written);
    expect(record.events.map(bodyOf)).to.deep.equal(sampleEvents().map(bodyOf));
    expect(record).not.to.have.property("truncatedAtLine");
  });

  it("can be read while it is written", () => {
    const writer = RecordWriter.create({ outDir, runId: "run-1" });
    const [first, second] = sampleEvents().map(bodyOf);
    if (!first || !second) throw new Error("the sample is empty");
    writer.write(first);
    expect(readRecord(writer.dir).events).to.have.length(1);
    writer.write(second);
    expect(readRecord(writer.dir).events.map(({ seq }) => seq)).to.deep.equal([0, 1]);
    writer.close();
  });

  it("lets `latest` point at the newest run", () => {
    for (const runId of ["run-1", "run-2"]) RecordWriter.create({ outDir, runId }).close();
    expect(readlinkSync(path.join(outDir, "latest"))).to.equal("run-2");
  });

  it("is never written twice", () => {
    RecordWriter.create({ outDir, runId: "run-1" }).close();
    expect(() => RecordWriter.create({ outDir, runId: "run-1" }))
      .to.throw(/exists/)
      .with.property("code", "PL_RECORD_EXISTS");
  });

  it("takes no malformed event, and none after its end", () => {
    const writer = RecordWriter.create({ outDir, runId: "run-1" });
    const bad = { type: "case-started", caseId: "nonsense", lane: 0 } as const;
    expect(() => writer.write(bad))
      .to.throw(/caseId/)
      .with.property("code", "PL_RECORD_EVENT");
    writer.close();
    expect(() => writer.write({ ...bad, caseId: "ATT-001" })).to.throw(/after the record was closed/);
  });

  it("holds no secret", () => {
    const writer = RecordWriter.create({ outDir, runId: "run-1" });
    writer.write({ type: "cleanup-failed", message: "curl -H 'Authorization: Bearer sEcReT0123456789abcdef'" });
    writer.close();
    expect(readFileSync(path.join(writer.dir, "events.ndjson"), "utf8")).not.to.contain("sEcReT");
  });

  it("gives what is before a line that was cut off, and says so", () => {
    const events = sampleEvents();
    const whole = text(events);
    const record = parseEvents(whole.slice(0, -20), "r");
    expect(record.events).to.deep.equal(events.slice(0, -1));
    expect(record.truncatedAtLine).to.equal(events.length);
  });

  const [first, , third] = sampleEvents();
  const broken: [string, string, RegExp][] = [
    ["a line of no JSON", `${text([first])}{oops}\n${text([third])}`, /^r:2: no JSON/],
    ["an empty line", `${text([first])}\n`, /^r:2: no JSON/],
    ["an unknown event", text([first, { ...third, seq: 1, type: "surprise" }]), /^r:2: .*type/s],
    ["a missing line", text([first, third]), /^r:2: seq is 2, expected 1/],
    ["another beginning", text([{ ...third, seq: 0 }]), /^r:1: a record begins with run-started/],
    ["an empty file", "", /^r:1: a record begins with run-started/],
  ];
  for (const [what, content, message] of broken) {
    it(`is refused with ${what}, with the number of the line`, () => {
      expect(() => parseEvents(content, "r"))
        .to.throw(message)
        .with.property("code", "PL_RECORD_BROKEN");
    });
  }

  it("is found by its folder or its file, or missed with a hint", () => {
    const file = path.join(outDir, "events.ndjson");
    expect(() => readRecord(outDir))
      .to.throw(/does not exist/)
      .with.property("code", "PL_RECORD_MISSING");
    writeFileSync(file, text(sampleEvents()));
    appendFileSync(file, '{"seq":');
    expect(readRecord(file)).to.deep.equal(readRecord(outDir));
  });
});
