import path from "node:path";
import type { Attachment, CTRFReport, RetryAttempt, Summary, Test, TestStatus } from "ctrf";
import type { CaseStatus } from "../../harness/core/status.ts";
import type { CaseOutcome } from "../../harness/results/case-outcome.ts";
import type { CaseModel, RunModel } from "../../harness/results/model.ts";
import { problemOf } from "../problem.ts";
import { story } from "../story.ts";

/** The version of the format; the package `ctrf` has its schema. */
const SPEC_VERSION = "0.0.0";

/**
 * CTRF has five outcomes and a case has seven. As in JUnit, failed, flaky and fixed are `failed` and a known deviation is
 * `passed`; an error is `other`, since it is no word about the subject. The status itself is `rawStatus`.
 */
const STATUS: Readonly<Record<CaseStatus, TestStatus>> = {
  passed: "passed",
  failed: "failed",
  known: "passed",
  fixed: "failed",
  skipped: "skipped",
  error: "other",
  flaky: "failed",
};

const OUTCOME: Readonly<Record<CaseOutcome, TestStatus>> = {
  passed: "passed",
  failed: "failed",
  skipped: "skipped",
  error: "other",
};

/** The run in the Common Test Report Format. @source https://ctrf.io */
export function ctrfJson(model: RunModel, recordDir: string): string {
  const { started, times } = model;
  const report: CTRFReport = {
    reportFormat: "CTRF",
    specVersion: SPEC_VERSION,
    runId: started.runId,
    timestamp: times.endedAt,
    generatedBy: "plumbline",
    results: {
      tool: { name: "plumbline", version: started.suiteVersion, extra: { suiteDigest: started.suiteDigest } },
      summary: summaryOf(model),
      tests: model.cases.map((entry) => testOf(model, entry, recordDir)),
      environment: environmentOf(model),
    },
  };
  return `${JSON.stringify(report, null, 2)}\n`;
}

function summaryOf({ cases, counts, times }: RunModel): Summary {
  const count = (status: TestStatus): number => cases.filter(({ verdict }) => STATUS[verdict.status] === status).length;
  return {
    tests: cases.length,
    passed: count("passed"),
    failed: count("failed"),
    skipped: count("skipped"),
    pending: 0,
    other: count("other"),
    flaky: counts.flaky,
    suites: new Set(cases.map(({ suite }) => suite)).size,
    start: Date.parse(times.startedAt),
    stop: Date.parse(times.endedAt),
    duration: times.totalMs,
    extra: { counts },
  };
}

function environmentOf({
  started,
  subjects,
  testbed,
  ended,
}: RunModel): NonNullable<CTRFReport["results"]["environment"]> {
  const multus = subjects.find(({ name }) => name === "multus");
  return {
    reportName: `plumbline ${started.stack}`,
    ...(multus ? { appName: multus.name, appVersion: multus.version } : {}),
    testEnvironment: started.stack,
    osPlatform: started.host.os,
    osRelease: started.host.kernel,
    ...(ended ? { healthy: ended.exitCode === 0 } : {}),
    extra: {
      subjects: subjects.map(({ name, version, origin, digest }) => ({ name, version, origin, digest })),
      nodes: testbed?.nodes ?? [],
      causes: ended?.causes ?? [],
    },
  };
}

function testOf(model: RunModel, entry: CaseModel, recordDir: string): Test {
  const { verdict, attempts } = entry;
  const problem = problemOf(model, entry, recordDir);
  const isPassed = verdict.status === "passed";
  return {
    testId: entry.id,
    name: `${entry.id} ${entry.title}`,
    status: STATUS[verdict.status],
    rawStatus: verdict.status,
    duration: Math.round(entry.durationMs),
    suite: [entry.suite],
    ...(isPassed ? {} : { message: verdict.skip ? `${verdict.skip.code}: ${verdict.reason}` : verdict.reason }),
    ...(isPassed || verdict.status === "skipped" ? {} : { trace: story(problem) }),
    tags: [entry.level, ...(verdict.touched ? ["touched"] : [])],
    labels: { revision: entry.revision, via: verdict.via, ...labelsOf(entry) },
    flaky: verdict.status === "flaky",
    ...(attempts.length > 1 ? { retries: attempts.length - 1, retryAttempts: earlier(entry) } : {}),
    ...(problem.evidence.length > 0 ? { attachments: problem.evidence.map(attachmentOf) } : {}),
  };
}

function labelsOf({ clauses, faults = [], sriovLevels, verdict }: CaseModel): NonNullable<Test["labels"]> {
  const [clause, ...otherClauses] = clauses.map(({ id }) => id);
  const [fault, ...otherFaults] = faults;
  const [level, ...otherLevels] = sriovLevels;
  return {
    ...(clause === undefined ? {} : { clauses: [clause, ...otherClauses] }),
    ...(fault === undefined ? {} : { faults: [fault, ...otherFaults] }),
    ...(level === undefined ? {} : { sriovLevels: [level, ...otherLevels] }),
    ...(verdict.deviation === undefined ? {} : { deviation: verdict.deviation }),
    ...(verdict.inBaseline ? { inBaseline: true } : {}),
  };
}

/** The last attempt is the test itself. */
function earlier({ attempts }: CaseModel): RetryAttempt[] {
  return attempts.slice(0, -1).map(({ outcome, durationMs, failure }, i) => ({
    attempt: i + 1,
    status: OUTCOME[outcome],
    duration: Math.round(durationMs),
    ...(failure ? { message: failure.message } : {}),
  }));
}

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  ".json": "application/json",
  ".txt": "text/plain",
  ".log": "text/plain",
  ".pcap": "application/vnd.tcpdump.pcap",
};

function attachmentOf(file: string): Attachment {
  const contentType = CONTENT_TYPES[path.extname(file)] ?? "application/octet-stream";
  return { name: path.posix.basename(file), contentType, path: file };
}
