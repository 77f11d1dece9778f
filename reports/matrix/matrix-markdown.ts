import type { CellView, MatrixModel } from "./matrix-model.ts";
import { levelTexts } from "../sriov-levels.ts";
import { axisWords, cellCounts, matrixCounts, valuesText } from "./matrix-words.ts";

const MARKS: Readonly<Record<CellView["outcome"], string>> = {
  passed: "✅",
  failed: "❌",
  error: "⚠️",
  "nothing ran": "⚪",
  interrupted: "⚪",
  "no answer": "⚪",
};

/** The compatibility table as Markdown: cells that did not pass lead to their failures below. */
export function matrixMarkdown(model: MatrixModel): string {
  const blocks = [
    `## Compatibility: ${matrixCounts(model.cells)}`,
    table(model),
    caseTable(model),
    ...model.cells.map(cellSection),
    `Plan \`${model.plan}\`.`,
  ];
  return `${blocks.filter(Boolean).join("\n\n")}\n`;
}

function table({ rowAxes, columnAxis, columns, rows }: MatrixModel): string {
  const corner = rowAxes.length === 0 ? [""] : rowAxes.map(axisWords);
  const heads = columns.map((column) =>
    columnAxis === undefined ? "result" : `${axisWords(columnAxis)} ${column || "as the stack has it"}`,
  );
  const lines = rows.map(({ values, cells }) => [...(values.length === 0 ? [""] : values), ...cells.map(cellText)]);
  return [[...corner, ...heads], [...corner, ...heads].map(() => "---"), ...lines]
    .map((cells) => `| ${cells.map(cellEscaped).join(" | ")} |`)
    .join("\n");
}

/** Already Markdown. */
interface Raw {
  readonly raw: string;
}

function cellText(cell: CellView | undefined): Raw {
  if (!cell) return { raw: "" };
  const words = `${MARKS[cell.outcome]} ${cell.outcome}`;
  const counts = cellCounts(cell);
  return { raw: `${hasSection(cell) ? `[${words}](#${anchorOf(cell)})` : words}${counts ? `<br>${counts}` : ""}` };
}

function cellEscaped(text: string | Raw): string {
  return typeof text === "string" ? escape(text) : text.raw;
}

function caseTable({ cases, cells }: MatrixModel): string {
  if (cases.length === 0 || cells.length < 2) return "";
  const head = ["case", ...cells.map(({ id }) => id)];
  const lines = cases.map(({ id, statuses }) => [id, ...cells.map((cell) => statuses.get(cell.id) ?? "")]);
  const text = [head, head.map(() => "---"), ...lines].map((row) => `| ${row.map(escape).join(" | ")} |`).join("\n");
  return `<details><summary>Cases that do not pass everywhere</summary>\n\n${text}\n\n</details>`;
}

function hasSection({ outcome, problems }: CellView): boolean {
  return outcome !== "passed" || problems.length > 0;
}

function cellSection(cell: CellView): string {
  if (!hasSection(cell)) return "";
  const { id, values, verdict, problems, sriovLevels, recordDir, truncatedAtLine } = cell;
  const levels = levelTexts(sriovLevels).map(escape);
  const where = recordDir === undefined ? [] : [`[its report](${encodeURI(`${recordDir}/report.html`)})`];
  const cut = truncatedAtLine === undefined ? [] : [`its record is cut off in line ${truncatedAtLine}`];
  return [
    `### ${id}`,
    [`${MARKS[cell.outcome]} ${escape(valuesText(values))}`, escape(verdict), ...levels, ...cut, ...where]
      .filter(Boolean)
      .join("; "),
    ...problems.map((problem) =>
      [
        `- **${problem.status}: ${problem.id}** ${escape(problem.title)}: ${escape(problem.reason)}`,
        ...problem.findings
          .slice(0, 5)
          .flatMap(({ what, expected, observed }) => [
            `  - ${escape(what)}`,
            `    - expected ${code(expected)}`,
            `    - observed ${code(observed)}`,
          ]),
        `  - reproduce: ${code(problem.reproduce)}`,
      ].join("\n"),
    ),
  ].join("\n\n");
}

/** As GitHub makes it of the heading. */
function anchorOf({ id }: CellView): string {
  return id.toLowerCase().replaceAll(/[^\w-]/g, "");
}

/** Text of programs must not become markup. */
function escape(text: string): string {
  return text.replaceAll(/[\\`*_[\]<>#|]/g, String.raw`\$&`).replaceAll(/\s*\n\s*/g, " ");
}

function code(text: string): string {
  const short = (text.length > 400 ? `${text.slice(0, 400)}...` : text).replaceAll(/\s*\n\s*/g, " ");
  const longest = Math.max(0, ...[...short.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = "`".repeat(longest + 1);
  return longest > 0 ? `${fence} ${short} ${fence}` : `${fence}${short}${fence}`;
}
