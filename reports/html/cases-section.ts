import { CASE_STATUSES } from "../../harness/core/status.ts";
import { countsText, emptyCounts } from "../../harness/results/counts.ts";
import type { CaseModel, RunModel } from "../../harness/results/model.ts";
import { reproduceCase } from "../reproduce.ts";
import { levelTexts } from "../sriov-levels.ts";
import { shortTime } from "../summary/headline.ts";
import { linkTo } from "./evidence-shelf.ts";
import { markup, type Content, type Html } from "./markup.ts";
import { prose } from "./prose.ts";
import { clauseList, command, facts, pageSection, statusMark } from "./parts.ts";

/** Every case by suite. Suites where all is well begin closed; the script can search and filter, and works on what stands here. */
export function casesSection(model: RunModel): Content {
  if (model.cases.length === 0) return undefined;
  const suites = [...new Set(model.cases.map(({ suite }) => suite))];
  const title = markup`All cases <small>${model.cases.length} in ${suites.length} suites</small>`;
  return pageSection("cases", title, [filterBar(model, suites), suites.map((suite) => suiteTable(model, suite))]);
}

function filterBar({ counts, touched, cases }: RunModel, suites: readonly string[]): Html {
  const boxes = CASE_STATUSES.filter((status) => counts[status] > 0).map(
    (status) => markup`<label><input type="checkbox" name="status" value="${status}"> ${statusMark(status)}</label>`,
  );
  const touchedBox =
    touched.length > 0 &&
    markup`<label><input type="checkbox" name="touched"> <span class="status">touched</span></label>`;
  const options = suites.map((suite) => markup`<option>${suite}</option>`);
  return markup`<form class="filter" role="search" aria-label="Cases" hidden>
<input type="search" name="text" placeholder="Search id, title, clause, reason" aria-label="Search cases">
<fieldset><legend class="unseen">Status</legend>${boxes}${touchedBox}</fieldset>
<select name="suite" aria-label="Suite"><option value="">every suite</option>${options}</select>
<output name="shown" aria-live="polite">${cases.length} of ${cases.length}</output>
<button type="button" data-unfold>open all</button>
</form>
`;
}

function suiteTable(model: RunModel, suite: string): Html {
  const cases = model.cases.filter((entry) => entry.suite === suite);
  const counts = emptyCounts();
  for (const { verdict } of cases) counts[verdict.status]++;
  const isOpen = counts.passed < cases.length && counts.skipped < cases.length;
  return markup`<details class="suite" data-suite="${suite}"${isOpen && markup` open`}><summary><h3>${suite}</h3> <small>${countsText(counts)}</small></summary>
<table class="cases"><colgroup><col class="id-column"><col class="status-column"><col><col class="time-column"></colgroup><thead class="unseen"><tr><th scope="col">Case</th><th scope="col">Status</th><th scope="col">What it checks</th><th scope="col">Time</th></tr></thead>
<tbody>${cases.map((entry) => caseRow(model, entry))}</tbody></table></details>
`;
}

function caseRow(model: RunModel, entry: CaseModel): Html {
  const { id, title, verdict, durationMs, attempts, sriovLevels } = entry;
  const levels = sriovLevels.length > 0 && markup` <small>${sriovLevels.join(", ")}</small>`;
  const touched = verdict.touched && markup` <span class="status">touched</span>`;
  return markup`<tr id="case-${id}" data-status="${verdict.status}"${verdict.touched && markup` data-touched`}><th scope="row">${id}</th><td>${statusMark(verdict.status)}${touched}</td><td><details><summary>${prose(title)}${levels}</summary>${caseFacts(model, entry)}</details></td><td class="number">${attempts.length > 0 && shortTime(durationMs)}</td></tr>
`;
}

const TOLD_ABOVE: readonly string[] = ["failed", "flaky", "fixed", "error", "known"];

function caseFacts(model: RunModel, entry: CaseModel): Html {
  const { id, verdict, attempts, level, revision, evidence } = entry;
  const isToldAbove = TOLD_ABOVE.includes(verdict.status);
  const others = verdict.touched ? entry.violations.filter(({ violation }) => violation.clauseCase !== id) : [];
  const lines = new Set(others.map(({ violation: v }) => `${v.invariant} on ${v.pod}: ${v.thing} (${v.clauseCase})`));
  return facts([
    ["why", verdict.status !== "passed" && verdict.reason],
    ["more", isToldAbove && markup`<a href="#problem-${id}">findings and evidence</a>`],
    ["clause", clauseList(entry.clauses)],
    ["touched by", lines.size > 0 && listOf([...lines])],
    ["level", `${level}, revision ${revision}`],
    ["SR-IOV", levelTexts(entry.sriovLevels).join("; ")],
    ["attempts", attempts.length > 1 && attempts.map(({ outcome }) => outcome).join(", ")],
    ["pods", [...new Set(attempts.flatMap(({ pods }) => pods))].join(", ")],
    ["evidence", !isToldAbove && evidence.length > 0 && listOf(evidence.map((file) => linkTo(file, file)))],
    ["again", command(reproduceCase(model, entry))],
  ]);
}

const MOST_LISTED = 8;

function listOf(items: readonly Content[]): Html {
  const rest = items.length - MOST_LISTED;
  return markup`<ul>${items.slice(0, MOST_LISTED).map((item) => markup`<li>${item}</li>`)}${rest > 0 && markup`<li>and ${rest} more, in conformance.json</li>`}</ul>`;
}
