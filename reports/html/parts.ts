import type { CaseStatus } from "../../harness/core/status.ts";
import type { CitedClause } from "../../harness/results/run-facts.ts";
import { link, markup, type Content, type Html } from "./markup.ts";
import { prose } from "./prose.ts";

/** A status as a word; its colour only repeats it. */
export function statusMark(status: CaseStatus): Html {
  return markup`<span class="status is-${status}">${status}</span>`;
}

/** A list of facts; those without a value are left out. */
export function facts(rows: readonly (readonly [name: string, value: Content])[]): Html {
  const given = rows.filter(([, value]) => value !== undefined && value !== false && value !== "");
  return markup`<dl class="facts">${given.map(([name, value]) => markup`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

/** A command to type; one click selects it, and with the script a button copies it. */
export function command(text: string): Html {
  return markup`<span class="command"><code>${text}</code><button type="button" data-copy hidden>copy</button></span>`;
}

/** What a clause demands, and where it is written. */
export function clauseText({ spec, section, level, statement, url }: CitedClause): Html {
  return markup`${link(url, markup`${spec}, ${section}`)} <small>${level}</small><br>${prose(statement)}`;
}

export function clauseList(clauses: readonly CitedClause[]): Content {
  if (clauses.length === 0) return undefined;
  return clauses.map((clause) => markup`<p>${clauseText(clause)}</p>`);
}

/** A section of the page, which the list of contents leads to. */
export function pageSection(id: string, title: Content, content: Content): Html {
  return markup`<section id="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title">${title}</h2>
${content}
</section>
`;
}

/** Bars in hundredths of the width. They are drawn with attributes, as the page's policy allows no style beside its own. */
export interface Bar {
  readonly start: number;
  readonly length: number;
  readonly kind: string;
  readonly title?: string;
  readonly href?: string;
}

export function bars(list: readonly Bar[]): Html {
  return markup`<svg class="bars" aria-hidden="true" preserveAspectRatio="none">${list.map(barShape)}</svg>`;
}

function barShape({ start, length, kind, title, href }: Bar): Html {
  const shape = markup`<rect class="bar is-${kind}" x="${percent(start)}" width="${percent(length)}" height="100%">${title !== undefined && markup`<title>${title}</title>`}</rect>`;
  return href === undefined ? shape : markup`<a href="${href}" tabindex="-1">${shape}</a>`;
}

function percent(hundredths: number): string {
  return `${Number(hundredths.toFixed(2))}%`;
}
