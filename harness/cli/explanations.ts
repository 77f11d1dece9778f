import { loadCaseLibrary, type CaseLibrary } from "../plan/case-library.ts";
import { caseSection } from "../plan/case-section.ts";
import { blameText, loadErrorGuide, type ErrorEntry, type ErrorGuide } from "./error-guide.ts";
import type { Paint } from "./paint.ts";
import { wrapText } from "./wrap-text.ts";

export interface ExplanationView {
  readonly paint: Paint;
  readonly columns: number;
}

/** What `plumbline explain` knows of one thing. */
export interface Explanation {
  readonly name: string;
  /** One line. */
  readonly title: string;
  /** Whether it is the code of an error, a skip or an exit, not a case or a clause. */
  readonly isCode: boolean;
  /** For `--json`. */
  readonly data: object;
  text(view: ExplanationView): string;
}

/** Everything that can be explained, by its name. */
export function explanations(): ReadonlyMap<string, Explanation> {
  const guide = loadErrorGuide();
  const library = loadCaseLibrary();
  const all = [...ofErrors(guide), ...ofBriefCodes(guide), ...ofCases(library), ...ofClauses(library)];
  return new Map(all.map((explanation) => [explanation.name, explanation]));
}

function ofErrors({ groups }: ErrorGuide): readonly Explanation[] {
  return groups.flatMap(({ title, errors }) =>
    errors.map((entry) => ({
      name: entry.code,
      title: entry.means,
      isCode: true,
      data: { ...entry, group: title },
      text: (view: ExplanationView) => errorText(entry, view),
    })),
  );
}

function errorText(entry: ErrorEntry, { paint, columns }: ExplanationView): string {
  const list = (items: readonly string[]): string =>
    items.map((item) => `  ${wrapText(`- ${item}`, { columns: columns - 2, indent: "    " })}`).join("\n");
  return [
    paint("bold", entry.code),
    wrapText(entry.means, { columns, indent: "" }),
    `It lies with ${blameText(entry)}.`,
    `\n${paint("bold", "Usual causes")}\n${list(entry.causes)}`,
    `\n${paint("bold", "What to do")}\n${list(entry.do)}`,
  ].join("\n");
}

function ofBriefCodes({ skips, exitCodes }: ErrorGuide): readonly Explanation[] {
  return [...skips, ...exitCodes].map((entry) => ({
    name: String(entry.code),
    title: entry.means,
    isCode: true,
    data: entry,
    text: ({ paint, columns }) => {
      const name = typeof entry.code === "number" ? `Exit code ${entry.code}` : entry.code;
      return [
        paint("bold", name),
        wrapText(entry.means, { columns, indent: "" }),
        `\n${paint("bold", "What to do")}\n  ${wrapText(entry.do, { columns: columns - 2, indent: "  " })}`,
      ].join("\n");
    },
  }));
}

function ofCases(library: CaseLibrary): readonly Explanation[] {
  return library.cases.map((entry) => ({
    name: entry.id,
    title: entry.title,
    isCode: false,
    get data() {
      return { ...entry, claims: library.claims.get(entry.id) ?? [] };
    },
    text: (view) => asPlainText(caseSection(entry, library), view),
  }));
}

function ofClauses({ clauses, cases }: CaseLibrary): readonly Explanation[] {
  return [...clauses.values()].map((clause) => {
    const citedBy = cases.filter((entry) => entry.clauses.includes(clause.id));
    return {
      name: clause.id,
      title: clause.statement,
      isCode: false,
      data: { ...clause, cases: citedBy.map(({ id }) => id) },
      text: ({ paint, columns }) =>
        [
          paint("bold", clause.id),
          wrapText(clause.statement.trim(), { columns, indent: "" }),
          `${clause.spec}, ${clause.section}; ${clause.level}, for ${clause.addressee}`,
          clause.url,
          `\n${paint("bold", "Checked by")}`,
          ...citedBy.map(
            ({ id, title }) => `  ${wrapText(`${id} ${title}`, { columns: columns - 2, indent: "    " })}`,
          ),
        ].join("\n"),
    };
  });
}

/** The section of a page for a terminal: without the signs of Markdown, links as their text, lines broken. */
function asPlainText(markdown: string, { paint, columns }: ExplanationView): string {
  return markdown
    .replaceAll(/\n\n- /g, "\n- ")
    .split("\n")
    .map((line) => {
      const plain = line.replaceAll(/\[([^\]]*)\]\(([^)]*)\)/g, (_, text: string, url: string) =>
        text === "Upstream" ? `Upstream: ${url}` : text,
      );
      const item = plain.startsWith("- ");
      const wrapped = wrapText(plain.replace(/^## /, "").replaceAll("**", ""), { columns, indent: item ? "    " : "" });
      const shown = item ? `  ${wrapped}` : wrapped;
      const isHead = line.startsWith("## ") || /^\*\*[^*]+\*\*$/.test(line);
      return isHead ? paint("bold", shown) : shown;
    })
    .join("\n");
}
