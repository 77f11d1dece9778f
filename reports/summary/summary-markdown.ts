import { casesText, countsText } from "../../harness/results/counts.ts";
import type { RunModel } from "../../harness/results/model.ts";
import { problemsOf, type Problem } from "../problem.ts";
import { commandText } from "../reproduce.ts";
import { proofText } from "../proof.ts";
import { levelsOfRun, runLevelsText } from "../sriov-levels.ts";
import {
  baselineText,
  conformanceText,
  headline,
  invariantTexts,
  subjectsText,
  timesText,
  underTestText,
} from "./headline.ts";

/** The same as Markdown, for a page such as GitHub's job summary. */
export function summaryMarkdown(model: RunModel, recordDir: string): string {
  const { good, text } = headline(model);
  const counted = `${casesText(model.cases.length)} on \`${model.started.stack}\`: ${countsText(model.counts)}`;
  const told = [counted, conformanceText(model), baselineText(model)].filter((line) => line !== undefined);
  const blocks = [
    `## ${good ? "✅" : "❌"} ${escape(text)}`,
    told.join("  \n"),
    ...problemsOf(model, recordDir).map(problemSection),
    knownTable(model),
    caseTable(model),
    restList(model),
  ];
  return `${blocks.filter(Boolean).join("\n\n")}\n`;
}

function problemSection(problem: Problem): string {
  const clauses = problem.clauses.map(
    ({ spec, section, statement, url }) =>
      `- clause: [${escape(spec)}, ${escape(section)}](${url}): ${escape(statement)}`,
  );
  const findings = problem.findings
    .slice(0, 5)
    .flatMap(({ what, expected, observed }) => [
      `- ${escape(what)}`,
      `  - expected ${code(expected)}`,
      `  - observed ${code(observed)}`,
    ]);
  return [
    `### ${problem.status}: ${problem.id} ${escape(problem.title)}${problem.inBaseline ? " (known from the baseline)" : ""}`,
    "",
    escape(problem.reason),
    "",
    ...clauses,
    ...problem.levels.map((level) => `- level: ${escape(level)}`),
    ...findings,
    ...problem.evidence.slice(0, 8).map((file) => `- evidence: ${code(file)}`),
    `- reproduce: ${code(problem.reproduce)}`,
  ].join("\n");
}

function knownTable({ deviations }: RunModel): string {
  const seen = deviations.filter(({ seenIn }) => seenIn.length > 0);
  if (seen.length === 0) return "";
  const rows = seen.map(
    ({ seenIn, title, issue }) => `| ${seenIn.join(", ")} | ${cell(title)} | ${issue ?? "not reported"} |`,
  );
  return ["| known | deviation | upstream |", "|---|---|---|", ...rows].join("\n");
}

function caseTable({ cases }: RunModel): string {
  const hasLevels = levelsOfRun({ cases }).length > 0;
  const rows = cases.map(({ id, title, verdict, clauses, durationMs, sriovLevels }) => {
    const status = `${verdict.status}${verdict.touched ? " (touched)" : ""}`;
    const sections = clauses.map(({ spec, section }) => `${spec} ${section}`).join("; ");
    const levels = hasLevels ? ` ${sriovLevels.join(", ")} |` : "";
    return `| ${id} | ${status} |${levels} ${cell(title)} | ${cell(sections)} | ${(durationMs / 1000).toFixed(1)} s |`;
  });
  const level = hasLevels ? { name: " SR-IOV level |", line: "---|" } : { name: "", line: "" };
  const head = [`| case | status |${level.name} what | clauses | time |`, `|---|---|${level.line}---|---|---|`];
  const table = [...head, ...rows].join("\n");
  return `<details><summary>All ${cases.length} cases</summary>\n\n${table}\n\n</details>`;
}

function restList(model: RunModel): string {
  const times = timesText(model);
  const subjects = subjectsText(model);
  const proof = proofText(model);
  const underTest = underTestText(model);
  const levels = runLevelsText(model);
  return [
    ...invariantTexts(model).map((text) => `- invariant ${text}`),
    ...(underTest ? [`- under test: ${escape(underTest)}`] : []),
    ...(subjects ? [`- subjects: ${escape(subjects)}`] : []),
    ...(levels ? [`- SR-IOV: ${escape(levels)}`] : []),
    ...(proof ? [`- proof: ${escape(proof)}`] : []),
    `- time: ${times.total}${times.path ? `; waited for ${escape(times.path)}` : ""}`,
    `- again: ${code(commandText(model.started.command))}`,
  ].join("\n");
}

/** Text of programs must not become markup. */
function escape(text: string): string {
  return text.replaceAll(/[\\`*_[\]<>#|]/g, String.raw`\$&`).replaceAll(/\s*\n\s*/g, " ");
}

function cell(text: string): string {
  return escape(text);
}

function code(text: string): string {
  const short = (text.length > 400 ? `${text.slice(0, 400)}...` : text).replaceAll(/\s*\n\s*/g, " ");
  const longest = Math.max(0, ...[...short.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = "`".repeat(longest + 1);
  return longest > 0 ? `${fence} ${short} ${fence}` : `${fence}${short}${fence}`;
}
