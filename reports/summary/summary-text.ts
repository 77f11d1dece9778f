import { casesText, countsText } from "../../harness/results/counts.ts";
import type { CaseModel, RunModel } from "../../harness/results/model.ts";
import { problemOf, problemsOf, type Finding, type Problem } from "../problem.ts";
import { commandText } from "../reproduce.ts";
import { proofText } from "../proof.ts";
import { runLevelsText } from "../sriov-levels.ts";
import {
  baselineText,
  conformanceText,
  headline,
  invariantTexts,
  subjectsText,
  timesText,
  underTestText,
} from "./headline.ts";

/** Colours a text, or leaves it alone. */
export type Style = (name: "bold" | "dim" | "red" | "green" | "yellow" | "cyan", text: string) => string;

export const plainStyle: Style = (_name, text) => text;

export interface SummaryOptions {
  /** How paths of evidence begin. */
  readonly recordDir: string;
  readonly style?: Style;
  /** Longest value of expected and observed, in characters. */
  readonly valueLimit?: number;
}

interface Page {
  readonly model: RunModel;
  readonly recordDir: string;
  readonly style: Style;
  readonly valueLimit: number;
}

/** What the terminal shows at the end of a run: the verdict, then what is wrong and how to see it again, then the rest. */
export function summaryText(model: RunModel, options: SummaryOptions): string {
  const page = {
    model,
    recordDir: options.recordDir,
    style: options.style ?? plainStyle,
    valueLimit: options.valueLimit ?? 400,
  };
  const blocks = [
    verdictBlock(page),
    ...problemsOf(model, page.recordDir).map((problem) => problemBlock(page, problem)),
    knownBlock(page),
    skippedBlock(page),
    restBlock(page),
  ];
  return `${blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n")}\n`;
}

function verdictBlock({ model, style }: Page): readonly string[] {
  const { good, text } = headline(model);
  const conformance = conformanceText(model);
  const baseline = baselineText(model);
  return [
    style("bold", style(good ? "green" : "red", text)),
    `${casesText(model.cases.length)} on ${model.started.stack}: ${countsText(model.counts)}`,
    ...(conformance ? [conformance] : []),
    ...(baseline ? [baseline] : []),
    ...(model.touched.length > 0
      ? [
          style(
            "dim",
            `touched (a pod of theirs broke an invariant that another case answers for): ${model.touched.join(", ")}`,
          ),
        ]
      : []),
    ...model.cleanupFailures.map((message) => style("red", `clean-up failed: ${message}`)),
  ];
}

function problemBlock(page: Page, problem: Problem): readonly string[] {
  const { style } = page;
  const colour = problem.status === "error" ? "yellow" : "red";
  const shown = problem.findings.slice(0, 5);
  const hidden = problem.findings.length - shown.length;
  return [
    `${style(colour, problem.status.toUpperCase())} ${style("bold", problem.id)} ${problem.title}${problem.inBaseline ? " (known from the baseline)" : ""}`,
    `  why        ${problem.reason}`,
    ...problem.clauses.map(({ spec, section, statement }) => `  clause     ${spec}, ${section}: ${statement}`),
    ...problem.levels.map((level) => `  level      ${level}`),
    ...shown.flatMap((finding) => findingLines(page, finding)),
    ...(hidden > 0 ? [`  and        ${hidden} more of the kind`] : []),
    ...problem.evidence.slice(0, 8).map((file) => `  evidence   ${file}`),
    ...(problem.evidence.length > 8 ? [`  evidence   and ${problem.evidence.length - 8} more files beside them`] : []),
    `  reproduce  ${style("cyan", problem.reproduce)}`,
  ];
}

function findingLines({ style, valueLimit }: Page, { what, expected, observed }: Finding): readonly string[] {
  const isEmpty = expected === "null" && observed === "null";
  if (isEmpty) return [`  ${style("dim", what)}`];
  return [
    `  ${style("dim", what)}`,
    `    expected ${cut(expected, valueLimit)}`,
    `    observed ${cut(observed, valueLimit)}`,
  ];
}

function knownBlock(page: Page): readonly string[] {
  const { model, recordDir, style } = page;
  return model.deviations.flatMap(({ id, title, issue, seenIn, signature }) => {
    const resting = model.cases.filter((entry) => seenIn.includes(entry.id));
    return resting.flatMap((entry) => {
      const { findings, evidence } = problemOf(model, entry, recordDir);
      const own = findings.find(({ what }) => what === signature?.assertion) ?? findings[0];
      return [
        `${style("yellow", "KNOWN")} ${style("bold", entry.id)} ${title} (${id})`,
        ...(own ? findingLines(page, own) : []),
        ...evidence.slice(0, 2).map((file) => `  evidence   ${file}`),
        `  upstream   ${issue ?? "nobody has reported it"}`,
      ];
    });
  });
}

function skippedBlock({ model, style }: Page): readonly string[] {
  const line = ({ id, verdict }: CaseModel): string =>
    `${style("dim", "SKIPPED")} ${id} ${verdict.skip?.code ?? ""}: ${verdict.reason}`;
  const skipped = model.cases.filter(({ verdict }) => verdict.status === "skipped");
  const foreign = skipped.filter(({ verdict }) => verdict.skip?.code === "SKIP_PLUGIN_ROLE");
  const lines = skipped.filter((entry) => !foreign.includes(entry)).map(line);
  if (foreign.length === 0) return lines;
  const ids = foreign.map(({ id }) => id).join(", ");
  return [...lines, `${style("dim", "SKIPPED")} SKIP_PLUGIN_ROLE, nothing to ask the plugin under test: ${ids}`];
}

function restBlock({ model, recordDir, style }: Page): readonly string[] {
  const times = timesText(model);
  const invariants = invariantTexts(model);
  const subjects = subjectsText(model);
  const proof = proofText(model);
  const underTest = underTestText(model);
  const levels = runLevelsText(model);
  return [
    ...invariants.map((text) => `invariant  ${text}`),
    ...(underTest ? [`under test ${underTest}`] : []),
    ...(subjects ? [`subjects   ${subjects}`] : []),
    ...(levels ? [`SR-IOV     ${levels}`] : []),
    ...(proof ? [`proof      ${proof}`] : []),
    `time       ${times.total}`,
    ...(times.path ? [`waited for ${times.path}`] : []),
    ...(times.slowestCases ? [`slowest    ${times.slowestCases}`] : []),
    `record     ${recordDir}`,
    style("dim", `again      ${commandText(model.started.command)}`),
  ];
}

function cut(text: string, limit: number): string {
  return text.length > limit ? `${text.slice(0, limit)}... (${text.length} characters)` : text;
}
