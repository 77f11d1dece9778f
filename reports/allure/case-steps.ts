import { Stage, Status, type StepResult } from "allure-js-commons";
import type { CaseModel } from "../../harness/results/model.ts";
import { touchingFindings, type Finding } from "../problem.ts";
import { attemptTimes } from "./attempt-times.ts";
import { attemptStanding } from "./standing.ts";

/** What a case came to, step by step: its attempts, what did not hold, and what its pods broke for others. */
export function caseSteps(entry: CaseModel, findings: readonly Finding[]): StepResult[] {
  const status = entry.verdict.status === "error" ? Status.BROKEN : Status.FAILED;
  const touching = touchingFindings(entry).map((finding) => findingStep(finding, Status.FAILED));
  return [...attemptSteps(entry), ...findings.map((finding) => findingStep(finding, status)), ...touching];
}

function attemptSteps({ attempts }: CaseModel): StepResult[] {
  if (attempts.length < 2) return [];
  return attempts.map((attempt, i) => {
    const { status, message } = attemptStanding(attempt);
    const name = `attempt ${i + 1} of ${attempts.length}: ${attempt.outcome}`;
    return {
      ...bareStep(name, status),
      ...attemptTimes(attempt),
      statusDetails: message === undefined ? {} : { message },
    };
  });
}

/** One thing that did not hold, with what was expected and seen as its parameters. */
export function findingStep({ what, message, expected, observed }: Finding, status: Status): StepResult {
  return {
    ...bareStep(`${what}: ${message}`, status),
    statusDetails: { message, expected, actual: observed },
    parameters: [
      { name: "expected", value: expected },
      { name: "observed", value: observed },
    ],
  };
}

function bareStep(name: string, status: Status): StepResult {
  return { name, status, stage: Stage.FINISHED, statusDetails: {}, steps: [], attachments: [], parameters: [] };
}
