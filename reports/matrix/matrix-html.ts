import type { CaseStatus } from "../../harness/core/status.ts";
import { linkTo } from "../html/evidence-shelf.ts";
import { findingList } from "../html/finding-block.ts";
import { markup, type Content, type Html } from "../html/markup.ts";
import { pageShell } from "../html/page-shell.ts";
import { clauseList, command, facts, pageSection, statusMark } from "../html/parts.ts";
import { prose } from "../html/prose.ts";
import type { Problem } from "../problem.ts";
import { levelTexts } from "../sriov-levels.ts";
import { shortTime } from "../summary/headline.ts";
import type { CellView, MatrixModel } from "./matrix-model.ts";
import { axisWords, cellCounts, matrixCounts, valuesText } from "./matrix-words.ts";

/** How an outcome looks: as the status of a case that says the same. */
const TONES: Readonly<Record<CellView["outcome"], CaseStatus>> = {
  passed: "passed",
  failed: "failed",
  error: "error",
  "nothing ran": "skipped",
  interrupted: "skipped",
  "no answer": "error",
};

/** The compatibility table as one page that loads nothing; each cell leads to what did not hold in it. */
export function matrixHtml(model: MatrixModel): string {
  const title = `Compatibility: ${matrixCounts(model.cells)}`;
  const content = markup`<header class="verdict is-${worstOf(model.cells)}">
<p class="run"><span>Plumbline</span> <span>${model.plan.slice(0, 19)}</span></p>
<h1>Compatibility</h1>
<p class="because">${matrixCounts(model.cells)}</p>
</header>
<main>
${pageSection("table", "Table", compatibility(model))}
${caseSection(model)}
${pageSection("cells", "Cells", model.cells.map(cellArticle))}
</main>
<footer><p>Made from the records of the cells alone. It loads nothing and tells nobody that it was read. Plan ${model.plan}.</p></footer>`;
  return pageShell(title, content);
}

function worstOf(cells: readonly CellView[]): string {
  if (cells.some(({ outcome }) => outcome === "failed")) return "failed";
  return cells.every(({ outcome }) => outcome === "passed") ? "passed" : "error";
}

function compatibility({ rowAxes, columnAxis, columns, rows }: MatrixModel): Html {
  const heads = columns.map((column) =>
    columnAxis === undefined
      ? markup`<th scope="col">result</th>`
      : markup`<th scope="col">${axisWords(columnAxis)} ${column || "as the stack has it"}</th>`,
  );
  const lines = rows.map(
    ({ values, cells }) =>
      markup`<tr>${values.map((value) => markup`<th scope="row">${value || "as the stack has it"}</th>`)}${cells.map(cellBox)}</tr>
`,
  );
  return markup`<div class="matrix" tabindex="0" role="region" aria-label="compatibility"><table>
<thead><tr>${rowAxes.map((axis) => markup`<th scope="col">${axisWords(axis)}</th>`)}${heads}</tr></thead>
<tbody>
${lines}</tbody></table></div>`;
}

function cellBox(cell: CellView | undefined): Html {
  if (!cell) return markup`<td class="none">not in the matrix</td>`;
  return markup`<td class="is-${TONES[cell.outcome]}"><a href="#cell-${cell.id}">${outcomeMark(cell)}<small>${cellCounts(cell) || "no record"}</small></a></td>`;
}

function outcomeMark({ outcome }: CellView): Html {
  return markup`<span class="status is-${TONES[outcome]}">${outcome}</span>`;
}

/** Which case does not hold where. */
function caseSection({ cases, cells }: MatrixModel): Content {
  if (cases.length === 0) return undefined;
  const lines = cases.map(
    ({ id, title, statuses }) =>
      markup`<tr><th scope="row"><b class="id">${id}</b> <small>${prose(title)}</small></th>${cells.map(
        ({ id: cell }) => {
          const status = statuses.get(cell);
          return markup`<td>${status ? statusLink(status, `#${problemId(cell, id)}`) : markup`<span class="none">not run</span>`}</td>`;
        },
      )}</tr>
`,
  );
  return pageSection(
    "cases",
    "Cases that do not pass everywhere",
    markup`<div class="matrix" tabindex="0" role="region" aria-label="cases by cell"><table>
<thead><tr><th scope="col">case</th>${cells.map(({ id }) => markup`<th scope="col"><a href="#cell-${id}">${id}</a></th>`)}</tr></thead>
<tbody>
${lines}</tbody></table></div>`,
  );
}

const TOLD: ReadonlySet<CaseStatus> = new Set(["failed", "flaky", "fixed", "error", "known"]);

function statusLink(status: CaseStatus, href: string): Html {
  return TOLD.has(status) ? markup`<a href="${href}">${statusMark(status)}</a>` : statusMark(status);
}

function problemId(cell: string, caseId: string): string {
  return `${cell}-${caseId}`;
}

function cellArticle(cell: CellView): Html {
  const { id, values, verdict, problems, known, subjects, sriovLevels, totalMs, recordDir, truncatedAtLine } = cell;
  const bad = cell.outcome !== "passed";
  return markup`<details class="cell is-${TONES[cell.outcome]}" id="cell-${id}"${bad && markup` open`}>
<summary>${outcomeMark(cell)} <h3>${id}</h3> <small>${cellCounts(cell)}</small></summary>
${facts([
  ["installed", valuesText(values)],
  ["verdict", verdict],
  [
    "cut off",
    truncatedAtLine !== undefined && `its record ends in line ${truncatedAtLine}; what stands before it is told`,
  ],
  ["subjects", subjects.map(({ name, version, origin }) => `${name} ${version} (${origin})`).join(", ")],
  ["SR-IOV", sriovLevels.length > 0 && levelTexts(sriovLevels).join("; ")],
  ["took", totalMs !== undefined && shortTime(totalMs)],
  [
    "report",
    recordDir !== undefined && linkTo(`${recordDir}/report.html`, "report.html of the run, with its evidence"),
  ],
])}
${problems.map((problem) => problemBlock(id, problem))}
${known.map((problem) => problemBlock(id, problem))}
</details>
`;
}

/** One case that does not hold: by which assertion, why, and what was seen. */
function problemBlock(cell: string, problem: Problem): Html {
  const ids = problem.id.split(", ");
  const isKnown = problem.status === "known";
  return markup`${ids.map((id) => markup`<span id="${problemId(cell, id)}"></span>`)}<details class="problem is-${problem.status}"${!isKnown && markup` open`}>
<summary>${statusMark(problem.status)} <b class="id">${problem.id}</b> <h3>${prose(problem.title)}</h3></summary>
${facts([
  ["why", problem.reason],
  ["hint", problem.hint !== undefined && prose(problem.hint)],
  ["clause", clauseList(problem.clauses)],
  ["again", command(problem.reproduce)],
])}
${findingList(problem)}
</details>
`;
}
