import { markup, type Content } from "./markup.ts";

/** A sentence of ours: what stands in backquotes is code. */
export function prose(text: string): Content {
  return text.split(/`([^`\n]+)`/).map((part, i) => (i % 2 === 1 ? markup`<code>${part}</code>` : part));
}

/** A sentence in which ids of cases lead to them. */
export function withCases(text: string, ids: ReadonlySet<string>): Content {
  return text
    .split(/\b([A-Z]{2,5}-\d{3})\b/)
    .map((part) => (ids.has(part) ? markup`<a class="id" href="#case-${part}">${part}</a>` : part));
}
