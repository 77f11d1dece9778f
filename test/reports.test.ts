import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "chai";
import { sampleEvents } from "../harness/results/sample-events.test-support.ts";
import { eventLines, writeSampleRecord } from "../harness/results/sample-record.test-support.ts";
import { runCli } from "./run-cli.ts";

const RUN = "20260102T030405-abc123";

describe("records on the command line", () => {
  let dir: string;
  let record: string;
  beforeEach(() => {
    dir = mkdtempSync(path.join(tmpdir(), "plumbline-records-"));
    record = path.join(dir, RUN);
    writeSampleRecord(record);
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  const events = (): string => path.join(record, "events.ndjson");

  it("are reported beside themselves, with what the run came to, and end with 0 whatever that is", async () => {
    const { exitCode, stdout, stderr } = await runCli(["report", record]);
    expect([exitCode, stderr]).to.deep.equal([0, ""]);
    expect(stdout)
      .to.match(new RegExp(`^${RUN} NOT PASSED`))
      .and.to.contain(path.join(record, "ctrf.json"));
    expect(existsSync(path.join(record, "conformance.yaml"))).to.equal(true);
  });

  it("are reported although others are missing or broken, which ends with 2", async () => {
    const broken = path.join(dir, "broken");
    writeSampleRecord(broken);
    writeFileSync(path.join(broken, "events.ndjson"), "{}\n");
    const missing = path.join(dir, "missing");
    const out = path.join(dir, "out");
    const args = ["report", missing, broken, record, "--format", "junit", "--format", "markdown", "--out", out];
    const { exitCode, stdout, stderr } = await runCli(args);
    expect(exitCode).to.equal(2);
    expect(stderr)
      .to.contain("[PL_RECORD_MISSING]")
      .and.to.contain("[PL_RECORD_BROKEN]")
      .and.not.to.match(/^\s+at /m);
    expect(stdout.trimEnd().split("\n").slice(1)).to.deep.equal([
      `  ${path.join(out, RUN, "junit.xml")}`,
      `  ${path.join(out, RUN, "summary.md")}`,
    ]);
    expect(existsSync(path.join(record, "junit.xml"))).to.equal(false);
    const json = JSON.parse((await runCli([...args, "--json"])).stdout) as Record<
      string,
      { error?: { code: string } }[]
    >;
    expect(json["errors"]?.map((entry) => entry.error?.code)).to.deep.equal(["PL_RECORD_MISSING", "PL_RECORD_BROKEN"]);
    expect(json["reports"]).to.have.length(1);
  });

  it("that are cut off are reported up to there", async () => {
    writeFileSync(events(), eventLines(sampleEvents().slice(0, 9)));
    appendFileSync(events(), '{"seq":9');
    const { exitCode, stdout } = await runCli(["report", record]);
    expect(exitCode).to.equal(0);
    expect(stdout).to.contain("INCOMPLETE").and.to.contain("cut off in line 10");
  });

  it("know no report by a mistyped name", async () => {
    const { exitCode, stderr } = await runCli(["report", record, "--format", "junti"]);
    expect(exitCode).to.equal(2);
    expect(stderr).to.contain("there is no report junti").and.to.contain("did you mean junit?");
  });

  it("are added to the summary of a job, which costs nothing if it cannot be written", async () => {
    const page = path.join(dir, "page.md");
    writeFileSync(page, "before\n");
    await runCli(["report", record, "--format", "json"], undefined, { GITHUB_STEP_SUMMARY: page });
    expect(readFileSync(page, "utf8"))
      .to.match(/^before\n## ❌ NOT PASSED/)
      .and.to.contain("| STA-005 | failed |");
    const nowhere = { GITHUB_STEP_SUMMARY: path.join(dir, "no", "page.md") };
    const { exitCode, stderr } = await runCli(["report", record, "--format", "json"], undefined, nowhere);
    expect(exitCode).to.equal(0);
    expect(stderr).to.contain("nothing was added to the job summary");
  });

  it("are verified: 0 where all holds, 1 with each thing that does not, 2 without a record", async () => {
    await runCli(["report", record]);
    const good = await runCli(["verify", record]);
    expect([good.exitCode, good.stderr]).to.deep.equal([0, ""]);
    expect(good.stdout).to.contain("holds").and.to.contain("8 cases: 2 passed, 1 failed");
    writeFileSync(path.join(record, "evidence", "STA-005", "cni.json"), "{}");
    const bad = await runCli(["verify", record]);
    expect(bad.exitCode).to.equal(1);
    expect(bad.stdout).to.match(/differs +evidence\/STA-005\/cni\.json: its digest is/);
    const json = JSON.parse((await runCli(["verify", record, "--json"])).stdout) as object;
    expect(json).to.deep.include({ runId: RUN, holds: false });
    const none = await runCli(["verify", dir]);
    expect(none.exitCode).to.equal(2);
    expect(none.stderr).to.contain("[PL_RECORD_MISSING]");
  });

  it("are compared: 0 where nothing new fails, 1 where something does, 2 without a record", async () => {
    const older = path.join(dir, "older");
    const passed = sampleEvents().map((event) =>
      event.type === "verdict" && event.caseId === "STA-005" ? { ...event, status: "passed" as const } : event,
    );
    writeSampleRecord(older, passed);
    const worse = await runCli(["compare", older, record]);
    expect([worse.exitCode, worse.stderr]).to.deep.equal([1, ""]);
    expect(worse.stdout)
      .to.match(/^NEW FAILURES: 1\n/)
      .and.to.contain("STA-005 what STA-005 demands: passed -> failed");
    const better = await runCli(["compare", record, older, "--json"]);
    expect(better.exitCode).to.equal(0);
    expect(JSON.parse(better.stdout)).to.have.nested.property("fixed[0].id", "STA-005");
    expect((await runCli(["compare", older, dir])).exitCode).to.equal(2);
  });

  it("are compared: 3 where nothing new fails and not all is answered", async () => {
    const [silent, killed] = [path.join(dir, "silent"), path.join(dir, "killed")];
    const all = sampleEvents();
    const lost = all.map((event) =>
      event.type === "verdict" && event.caseId === "ATT-001" ? { ...event, status: "error" as const } : event,
    );
    writeSampleRecord(silent, lost);
    writeSampleRecord(
      killed,
      all.filter(({ type }) => type !== "run-ended"),
    );
    for (const second of [silent, killed]) expect((await runCli(["compare", record, second])).exitCode).to.equal(3);
  });

  it("are refused as a baseline before anything is started, where there is none", async () => {
    const { exitCode, stderr } = await runCli(["run", "--baseline", dir, "--out", path.join(dir, "out")]);
    expect(exitCode).to.equal(2);
    expect(stderr).to.contain("[PL_RECORD_MISSING]");
    expect(existsSync(path.join(dir, "out"))).to.equal(false);
  });
});
