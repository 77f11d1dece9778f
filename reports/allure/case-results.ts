import { LabelName, Stage, Status, type StatusDetails, type TestResult } from "allure-js-commons";
import { getTestResultHistoryId, getTestResultTestCaseId } from "allure-js-commons/sdk/reporter";
import type { CaseModel, RunModel } from "../../harness/results/model.ts";
import { failedAssertion, problemOf, type Finding, type Problem } from "../problem.ts";
import { attemptTimes } from "./attempt-times.ts";
import { label, labelsOf, linksOf } from "./case-labels.ts";
import { caseSteps, findingStep } from "./case-steps.ts";
import { evidenceFile, type EvidenceFile } from "./evidence-files.ts";
import { stableUuid } from "./stable-uuid.ts";
import { attemptStanding, caseStanding, type Standing } from "./standing.ts";

/** A result, and the files that it has as attachments. */
export interface CaseResult {
  readonly result: TestResult;
  readonly files: readonly EvidenceFile[];
}

interface Source {
  readonly model: RunModel;
  readonly recordDir: string;
}

type Attempt = CaseModel["attempts"][number];

/**
 * A case as Allure results, one for each attempt. Allure counts the one that started last and shows the others as its
 * retries; so that one bears the verdict and all evidence, and the others what they came to themselves.
 */
export function caseResults(source: Source, entry: CaseModel): readonly CaseResult[] {
  const last = entry.attempts.toSorted((a, b) => attemptTimes(a).start - attemptTimes(b).start).at(-1);
  const retried = entry.attempts.filter((attempt) => attempt !== last);
  return [...retried.map((attempt) => attemptResult(source, entry, attempt)), verdictResult(source, entry, last)];
}

function verdictResult(source: Source, entry: CaseModel, attempt: Attempt | undefined): CaseResult {
  const { model, recordDir } = source;
  const problem = problemOf(model, entry, recordDir);
  const { files, missing } = filesOf(source, entry.evidence);
  const base = baseResult(source, entry, attempt);
  const { verdict } = entry;
  const title = titleOf(entry);
  const mark = verdict.status === "known" ? "known deviation" : verdict.touched ? "touched" : undefined;
  const result = {
    ...base,
    name: mark === undefined ? title : `${title} [${mark}]`,
    ...standing(caseStanding(entry, model.ended?.aborted), problem.findings[0]),
    description: descriptionOf(model, problem, missing),
    steps: caseSteps(entry, problem.findings),
    attachments: files.map(({ attachment }) => attachment),
    links: linksOf(model, entry),
  };
  const flags = { flaky: verdict.status === "flaky", known: verdict.status === "known" };
  return { files, result: { ...result, statusDetails: { ...result.statusDetails, ...flags } } };
}

function attemptResult(source: Source, entry: CaseModel, attempt: Attempt): CaseResult {
  const { failure } = attempt;
  const { files } = filesOf(source, attempt.evidence);
  const own = attemptStanding(attempt);
  const finding = failure && failedAssertion(failure);
  const result = {
    ...baseResult(source, entry, attempt),
    ...standing(own, finding),
    steps: finding ? [findingStep(finding, own.status)] : [],
    attachments: files.map(({ attachment }) => attachment),
  };
  return { files, result };
}

/** What all attempts at a case have in common; its id, not its title, ties it to its history. */
function baseResult({ model }: Source, entry: CaseModel, attempt: Attempt | undefined): TestResult {
  const { started } = model;
  const common = {
    uuid: stableUuid(started.runId, entry.id, String(attempt ? entry.attempts.indexOf(attempt) : "none")),
    fullName: `plumbline:${entry.id}`,
    name: titleOf(entry),
    titlePath: [started.stack, entry.suite],
    status: Status.PASSED,
    statusDetails: {},
    stage: Stage.FINISHED,
    steps: [],
    attachments: [],
    parameters: [
      { name: "stack", value: started.stack },
      { name: "revision", value: String(entry.revision), excluded: true },
      ...(entry.sriovLevels.length > 0
        ? [{ name: "SR-IOV level", value: entry.sriovLevels.join(", "), excluded: true }]
        : []),
    ],
    labels: [...labelsOf(model, entry), ...(attempt ? [label(LabelName.THREAD, `lane ${attempt.lane}`)] : [])],
    links: [],
    ...(attempt ? attemptTimes(attempt) : {}),
  };
  const testCaseId = getTestResultTestCaseId(common) ?? common.fullName;
  return { ...common, testCaseId, historyId: getTestResultHistoryId({ ...common, testCaseId }) };
}

function standing({ status, message }: Standing, finding: Finding | undefined): StandingFields {
  const details = {
    ...(message === undefined ? {} : { message }),
    ...(finding ? { expected: finding.expected, actual: finding.observed } : {}),
  };
  return { status, statusDetails: details };
}

interface StandingFields {
  readonly status: Status;
  readonly statusDetails: StatusDetails;
}

function filesOf({ model, recordDir }: Source, evidence: readonly string[]) {
  const { runId } = model.started;
  const found = evidence.map((file) => ({ file, found: evidenceFile({ recordDir, runId }, file) }));
  return {
    files: found.flatMap((one) => one.found ?? []),
    missing: found.filter((one) => !one.found).map(({ file }) => file),
  };
}

/** Markdown: the clauses in words, the deviation, and how to see it again. What a plugin said stands in steps, as text. */
function descriptionOf({ deviations }: RunModel, problem: Problem, missing: readonly string[]): string {
  const { clauses, reproduce } = problem;
  const known = deviations.filter((entry) => problem.deviation === entry.id);
  return [
    ...clauses.map(
      ({ id, spec, section, level, statement }) => `**${level}** ${statement} (${id}: ${spec}, ${section})`,
    ),
    ...known.map(({ id, title, note }) => `**Known deviation** ${id}: ${title}. ${note}`),
    ...missing.map((file) => `The evidence \`${file}\` is not beside the record.`),
    `Reproduce: \`${reproduce}\``,
  ].join("\n\n");
}

function titleOf({ id, title }: CaseModel): string {
  return `${id} ${title}`;
}
