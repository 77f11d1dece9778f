import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parseEnvInfo } from "allure-js-commons/sdk/reporter";
import { expect } from "chai";
import { emptyCounts, type StatusCounts } from "../../harness/results/counts.ts";
import type { RunEvent } from "../../harness/results/events.ts";
import { foldEvents } from "../../harness/results/model.ts";
import { sampleEvents } from "../../harness/results/sample-events.test-support.ts";
import { nextDay, SampleRecord } from "./sample-record.test-support.ts";
import { writeAllureResults } from "./write-allure-results.ts";

interface Read {
  readonly name: string;
  readonly historyId: string;
  readonly status: string;
  readonly statusDetails: { readonly message?: string; readonly flaky?: boolean; readonly known?: boolean };
  readonly description?: string;
  readonly start: number;
  readonly stop: number;
  readonly labels: readonly { readonly name: string; readonly value: string }[];
  readonly links: readonly { readonly type: string; readonly url: string }[];
  readonly attachments: readonly { readonly name: string; readonly source: string; readonly type: string }[];
  readonly steps: readonly { readonly name: string; readonly status: string; readonly parameters: readonly object[] }[];
}

function readResults(dir: string): readonly Read[] {
  const names = readdirSync(dir).filter((name) => name.endsWith("-result.json"));
  return names.map((name) => JSON.parse(readFileSync(path.join(dir, name), "utf8")) as Read);
}

/** What Allure counts: of each history the result that started last. */
function counted(results: readonly Read[]): readonly Read[] {
  return [...new Set(results.map(({ historyId }) => historyId))].flatMap(
    (id) => results.filter((r) => r.historyId === id).toSorted((a, b) => b.start - a.start)[0] ?? [],
  );
}

function count(values: readonly string[]): Record<string, number> {
  return Object.fromEntries([...new Set(values)].map((value) => [value, values.filter((v) => v === value).length]));
}

function bytes(dir: string): ReadonlyMap<string, string> {
  return new Map(readdirSync(dir).map((name) => [name, readFileSync(path.join(dir, name), "base64")]));
}

describe("Allure results of a record which has every status in it", () => {
  const record = new SampleRecord();
  const model = foldEvents(sampleEvents());
  let dir: string;
  let results: readonly Read[];
  before(async () => {
    dir = await record.write("results");
    results = readResults(dir);
  });
  after(() => record.remove());

  const one = (id: string): Read => {
    const found = counted(results).find(({ name }) => name.startsWith(`${id} `));
    if (!found) throw new Error(`no result of ${id}`);
    return found;
  };
  const labels = (id: string, name: string): readonly string[] =>
    one(id)
      .labels.filter((label) => label.name === name)
      .map(({ value }) => value);

  it("add up to the counts of the run", () => {
    const { counts } = model;
    expect(count(counted(results).map(({ status }) => status))).to.deep.equal({
      passed: counts.passed,
      failed: counts.failed + counts.flaky + counts.fixed,
      broken: counts.error,
      skipped: counts.skipped + counts.known,
    });
    const own: StatusCounts = { ...emptyCounts() };
    for (const { labels: all } of counted(results)) {
      own[all.find(({ name }) => name === "status")?.value as keyof StatusCounts]++;
    }
    expect(own).to.deep.equal(counts);
  });

  it("are the same bytes for the same record, and replace those of another", async () => {
    const before_ = bytes(dir);
    const again = await record.write("again", nextDay());
    expect(bytes(again)).not.to.deep.equal(before_);
    await record.write("again");
    expect(bytes(again)).to.deep.equal(before_);
  });

  it("leave files alone that are not theirs", async () => {
    const outDir = path.join(record.dir, "shared");
    mkdirSync(outDir);
    writeFileSync(path.join(outDir, "my-result.json"), "{}");
    await record.write("shared");
    expect(existsSync(path.join(outDir, "my-result.json"))).to.equal(true);
  });

  it("are told by their paths", async () => {
    const files = await writeAllureResults({ model, recordDir: record.recordDir, outDir: dir });
    expect(files.map((file) => path.basename(file))).to.deep.equal(readdirSync(dir).toSorted());
  });

  it("have the attempts at a flaky case as retries of the one with the verdict", () => {
    const flaky = results.filter(({ historyId }) => historyId === one("TD-001").historyId);
    expect(flaky).to.have.length(2);
    expect(flaky.map(({ status }) => status)).to.have.members(["passed", "failed"]);
    expect(one("TD-001")).to.deep.include({ status: "failed", stop: Date.parse("2026-01-02T03:04:18.000Z") });
    expect(one("TD-001").start).to.equal(one("TD-001").stop - 1500);
    expect(one("TD-001").statusDetails).to.include({ flaky: true, message: "flaky: why TD-001 is flaky" });
    expect(one("TD-001").steps.map(({ name, status }) => [name, status])).to.deep.equal([
      ["attempt 1 of 2: passed", "passed"],
      ["attempt 2 of 2: failed", "failed"],
      [`TD-001/no-residue: TD-001/no-residue did not hold & <said> "so"`, "failed"],
    ]);
  });

  it("do not let a known deviation look like a pass or like a case that did not run", () => {
    const known = one("RTE-001");
    expect(known).to.include({ status: "skipped", name: "RTE-001 what RTE-001 demands [known deviation]" });
    expect(known.statusDetails).to.include({
      known: true,
      message: "known deviation route-kept: why RTE-001 is known",
    });
    expect(known.steps.map(({ status }) => status)).to.deep.equal(["failed"]);
    expect(known.links).to.deep.include({
      type: "issue",
      name: "upstream: the route stays",
      url: "https://example.org/1",
    });
    expect(labels("RTE-001", "tag")).to.deep.equal(["core", "known"]);
  });

  it("mark a touched case and tell what its pod broke, but let it pass", () => {
    expect(one("ATT-002")).to.include({ status: "passed", name: "ATT-002 what ATT-002 demands [touched]" });
    expect(labels("ATT-002", "tag")).to.include("touched");
    expect(one("ATT-002").steps[0]?.name).to.contain("invariant four-sources on lane-0/att-002");
    expect(one("ATT-001")).to.deep.include({
      status: "passed",
      steps: [],
      statusDetails: { flaky: false, known: false },
    });
  });

  it("say of a failure what was expected and seen, by which clause, and how to see it again", () => {
    const failed = one("STA-005");
    expect(failed.steps).to.have.length(2);
    expect(failed.steps[0]?.parameters).to.deep.equal([
      { name: "expected", value: `"10.1.1.7"` },
      { name: "observed", value: `"10.1.1.9"` },
    ]);
    expect(failed.description)
      .to.match(/\*\*MUST\*\* The annotation is a list\. \(NPWG-5-status-list: NPWG multi-net-spec v1\.3, 5\)/)
      .and.to.match(/`plumbline run --stack ptp-thick --case STA-005`/);
    expect(failed.links).to.deep.include({
      type: "clause",
      name: "NPWG-5-status-list (NPWG multi-net-spec v1.3, 5)",
      url: "https://example.org/spec",
    });
  });

  it("stand in trees by suite and clause, with severity by level and a thread for each lane", () => {
    expect(labels("STA-005", "epic")).to.deep.equal(["rest"]);
    expect(labels("STA-005", "feature")).to.deep.equal(["NPWG multi-net-spec v1.3"]);
    expect(labels("STA-005", "story")).to.deep.equal(["NPWG-5-status-list"]);
    expect([labels("STA-005", "severity"), labels("NAD-001", "severity")]).to.deep.equal([["critical"], ["normal"]]);
    expect(labels("STA-005", "layer")).to.deep.equal(["L1"]);
    expect([labels("STA-005", "host"), labels("STA-005", "thread")]).to.deep.equal([["plumbline-abc"], ["lane 0"]]);
  });

  it("attach evidence that is there, and say of the rest that it is not", () => {
    const [attached, ...more] = one("STA-005").attachments;
    expect(more).to.deep.equal([]);
    expect(attached).to.include({ name: "STA-005/cni.json", type: "application/json" });
    expect(readFileSync(path.join(dir, attached?.source ?? ""), "utf8")).to.equal(`{"ips": []}\n`);
    const there = statSync(path.join(record.recordDir, "evidence", "STA-005", "cni.json"));
    const here = statSync(path.join(dir, attached?.source ?? ""));
    expect(here.ino, "the same file under a second name, not a copy").to.equal(there.ino);
    expect(one("STA-005").description).to.contain("`evidence/ATT-002/state.json` is not beside the record");
  });

  it("publish no file from outside the record", async () => {
    const evidence = ["../private.txt", "evidence/link.txt", "evidence", path.join(record.dir, "private.txt")];
    const events = sampleEvents().map((event): RunEvent =>
      event.type === "case-ended" ? { ...event, evidence } : event,
    );
    const outDir = await record.write("outside", events);
    expect(readdirSync(outDir).filter((name) => name.includes("attachment"))).to.deep.equal([]);
    expect(readResults(outDir).flatMap(({ attachments }) => attachments)).to.deep.equal([]);
  });

  it("keep their history when run and title change, and not when the stack does", async () => {
    const ids = (of: readonly Read[]): readonly string[] =>
      [...new Set(of.map(({ historyId }) => historyId))].toSorted();
    const renamed = nextDay().map((event): RunEvent => {
      if (event.type !== "run-started") return event;
      return { ...event, planned: event.planned.map((planned) => ({ ...planned, title: "another", revision: 2 })) };
    });
    const other = sampleEvents().map((event): RunEvent =>
      event.type === "run-started" ? { ...event, stack: "ptp-thin" } : event,
    );
    expect(ids(readResults(await record.write("renamed", renamed)))).to.deep.equal(ids(results));
    expect(ids(readResults(await record.write("other", other)))).not.to.include.members(ids(results).slice(0, 1));
  });

  it("have environment, order in time, and what went wrong with the run itself", () => {
    const text = (suffix: string): string => {
      const name = readdirSync(dir).find((file) => file.endsWith(suffix)) ?? suffix;
      return readFileSync(path.join(dir, name), "utf8");
    };
    expect(parseEnvInfo(text("environment.properties"))).to.include({
      stack: "ptp-thick",
      cases: "2 passed, 1 failed, 1 known, 1 fixed, 1 skipped, 1 error, 1 flaky",
      "conformance.core": "not-conformant",
      "subject.multus": "v4.3.0 (built here)",
      gate: "exit code 1; 1 failed: STA-005; 1 flaky: TD-001",
    });
    expect(JSON.parse(text("executor.json"))).to.include({
      buildOrder: 20260102030405,
      buildName: model.started.runId,
    });
    expect(text("-globals.json")).to.contain("clean-up failed: delete the network");
  });

  it("of a run that died tell of every case, and that it died", async () => {
    const outDir = await record.write("died", sampleEvents().slice(0, 6));
    const died = readResults(outDir);
    expect(count(died.map(({ status }) => status))).to.deep.equal({ passed: 1, skipped: 7 });
    const globals = readdirSync(outDir).find((name) => name.endsWith("-globals.json")) ?? "";
    expect(readFileSync(path.join(outDir, globals), "utf8")).to.contain("its process died");
  });

  it("do not depend on where the record lies", () => {
    for (const [name, content] of bytes(dir)) {
      expect(Buffer.from(content, "base64").toString(), name).not.to.contain(record.dir);
    }
  });

  it("are refused where nothing can be written", async () => {
    const outDir = path.join(record.dir, "private.txt", "below");
    const error = await writeAllureResults({ model, recordDir: record.recordDir, outDir }).catch((e: unknown) => e);
    expect(error).to.include({ code: "PL_OUT" });
  });
});
