import { expect } from "chai";
import { foldEvents } from "../../harness/results/model.ts";
import { sampleEvents } from "../../harness/results/sample-events.test-support.ts";
import { conformanceReport } from "./conformance-report.ts";
import { conformanceReportSchema } from "./schema.ts";

describe("conformance.json", () => {
  const events = sampleEvents();
  const digest = { path: "events.ndjson", bytes: 1, sha256: "a".repeat(64) };
  const digests = { events: digest, evidence: [{ ...digest, path: "evidence/STA-005/cni.json" }] };
  const report = conformanceReport(foldEvents(events), digests);
  const one = (id: string) => report.cases.find((entry) => entry.id === id);

  it("says what was tested, with what and where", () => {
    expect(report.suite).to.deep.equal({ name: "plumbline", version: "0.1.0", digest: `sha256:${"0".repeat(64)}` });
    expect(report.subjects[0]).to.include({
      name: "multus",
      version: "v4.3.0",
      origin: "built here",
      digest: "sha256:1",
    });
    expect(report.environment).to.deep.include({ stack: "ptp-thick", nodes: ["n1", "n2"], reused: false });
    expect(report.environment.features[0]).to.include({ name: "two-nodes", evidence: "n1, n2" });
    expect(report.reproduce).to.deep.equal(["run", "--stack", "ptp-thick", "--profile", "sample"]);
  });

  it("answers for core and extended, each adding up", () => {
    for (const level of [report.profile?.core, report.profile?.extended]) {
      if (!level) throw new Error("a level is missing");
      const counted = Object.values(level.statistics).reduce((a, b) => a + b, 0);
      expect(counted + level.notSelected.length).to.equal(level.cases);
    }
    expect(report.profile?.core?.conformance).to.equal("not-conformant");
    expect(report.profile?.extended).to.deep.include({ conformance: "incomplete", notSelected: ["NAD-002"] });
  });

  it("tells each case with clause, failure, violation and evidence, sorted by id", () => {
    const ids = report.cases.map(({ id }) => id);
    expect(ids).to.deep.equal(ids.toSorted());
    expect(one("STA-005")?.clauses[0]).to.include({ spec: "NPWG multi-net-spec v1.3", section: "5" });
    expect(one("STA-005")?.failure).to.deep.include({ expected: "10.1.1.7", observed: "10.1.1.9" });
    expect(one("STA-005")?.violations[0]).to.deep.include({ pod: "lane-0/att-002", madeBy: ["ATT-002"] });
    expect(one("NAD-001")?.skip?.code).to.equal("SKIP_FEATURE");
    expect(one("RTE-001")?.deviation).to.equal("route-kept");
    expect(one("TD-001")?.attempts).to.equal(2);
    expect(report.deviations.map(({ id }) => id)).to.deep.equal(["route-gone", "route-kept"]);
  });

  it("says how many planted faults these cases must notice, and what is known of them", () => {
    expect(report.proof).to.deep.equal({
      faults: 7,
      casesWithoutFault: ["NAD-001"],
      seen: {
        suiteDigest: report.suite.digest,
        stack: "ptp-thick",
        proven: ["att-001-is-ignored", "sta-005-is-ignored"],
        notProven: ["td-001-is-ignored"],
      },
    });
    expect(one("STA-005")?.faults).to.deep.equal(["sta-005-is-ignored"]);
    const older = events.map((event) =>
      event.type === "run-started"
        ? { ...event, planned: event.planned.map((entry) => ({ ...entry, faults: undefined })) }
        : event,
    );
    expect(conformanceReport(foldEvents(older), digests)).not.to.have.property("proof");
    const unknown = events.map((event) => (event.type === "run-started" ? { ...event, proof: undefined } : event));
    expect(conformanceReport(foldEvents(unknown), digests).proof).to.not.have.property("seen");
  });

  it("has the digests of the record, and whether a known deviation fails the run", () => {
    expect(report.digests).to.equal(digests);
    expect(report.gate).to.deep.include({ exitCode: 1, strict: false });
  });

  it("calls a record that stops incomplete, and leaves out what it never came to", () => {
    const [first] = events;
    if (!first) throw new Error("the sample is empty");
    const early = conformanceReportSchema.parse(conformanceReport(foldEvents([first]), digests));
    expect(early).to.include({ complete: false });
    expect(early.environment).not.to.have.any.keys("cluster", "facts", "reused");
    expect(early.profile?.core?.conformance).to.equal("incomplete");
  });
});
