import { WRITTEN_BY } from "../plan/case-pages.ts";
import { blameText, type ErrorEntry, type ErrorGuide } from "./error-guide.ts";

/** The guide to errors as Markdown: docs/errors.md. */
export function errorPage({ groups, skips, exitCodes }: ErrorGuide): string {
  const sections = groups.flatMap(({ title, about, errors }) => [
    `## ${title}`,
    ...(about === undefined ? [] : [about]),
    ...errors.map(errorSection),
  ]);
  return `${[
    "# Errors",
    `${WRITTEN_BY} Every error of Plumbline ends with a code in brackets; \`plumbline explain CODE\` prints what stands here. The message of the error says what failed this time, on what, and why; \`--verbose\` adds causes, facts and stacks.`,
    ["| codes | of |", "|---|---|", ...groups.map(overview)].join("\n"),
    ...sections,
    "## Skipped cases",
    "A case that did not run has one of these codes in every report, with a text of what was found.",
    table(["code", "means", "what to do"], skips),
    "## Exit codes",
    table(["code", "means", "what to do"], exitCodes),
  ].join("\n\n")}\n`;
}

function overview({ title, errors }: ErrorGuide["groups"][number]): string {
  const links = errors.map(({ code }) => `[${code}](#${code.toLowerCase()})`);
  return `| ${links.join(" ")} | ${title} |`;
}

function errorSection(entry: ErrorEntry): string {
  return [
    `### ${entry.code}`,
    `${entry.means} It lies with ${blameText(entry)}.`,
    `Usual causes:\n\n${list(entry.causes)}`,
    `What to do:\n\n${list(entry.do)}`,
  ].join("\n\n");
}

function list(items: readonly string[]): string {
  return items.map((item) => `- ${item}`).join("\n");
}

function table(
  head: readonly string[],
  rows: readonly { readonly code: string | number; readonly means: string; readonly do: string }[],
): string {
  const lines = rows.map((row) => `| \`${row.code}\` | ${row.means} | ${row.do} |`);
  return [`| ${head.join(" | ")} |`, `|${head.map(() => "---|").join("")}`, ...lines].join("\n");
}
