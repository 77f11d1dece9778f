import { diffLines } from "diff";
import stringify from "json-stringify-pretty-compact";
import type { Finding, Problem } from "../problem.ts";
import { markup, type Content, type Html } from "./markup.ts";

/** Findings that stand open; the others are at a click. */
const OPEN = 3;
const LINE_CHARACTERS = 128;
const MOST_LINES = 120;
const MOST_CHARACTERS = 12_000;
/** More changed lines than this are shown side by side without a search for what is common. */
const MOST_EDITS = 400;

/** What did not hold, each with what was expected and what was seen. */
export function findingList({ findings, reason }: Pick<Problem, "findings" | "reason">): Content {
  const rest = findings.slice(OPEN);
  return [
    findings.slice(0, OPEN).map((finding) => findingBlock(finding, reason)),
    rest.length > 0 &&
      markup`<details class="more"><summary>${rest.length} more of the kind</summary>${rest.map((finding) => findingBlock(finding, reason))}</details>`,
  ];
}

/** @param told what the reader knows already */
function findingBlock({ what, message, expected, observed }: Finding, told: string): Html {
  const isEmpty = expected === "null" && observed === "null";
  return markup`<div class="finding"><h4>${what}</h4>${!told.includes(message) && markup`<p class="message">${message}</p>`}${!isEmpty && values(expected, observed)}</div>`;
}

/** Lines with their sign where the two have something in common, else one below the other. Both are compact JSON. */
function values(expectedJson: string, observedJson: string): Html {
  const expected = laidOut(expectedJson);
  const observed = laidOut(observedJson);
  const parts = diffLines(ended(expected.text), ended(observed.text), { maxEditLength: MOST_EDITS });
  const isAlike = parts?.some(({ added, removed, value }) => !added && !removed && /\w/.test(value)) ?? false;
  const note =
    expected.isCut || observed.isCut
      ? markup`<p class="note">Cut here: it is long. conformance.json beside this page has all of it.</p>`
      : undefined;
  if (parts && isAlike) {
    const lines = parts.map(({ added, removed, value }) =>
      marked(value, added ? "observed" : removed ? "expected" : ""),
    );
    return markup`<div class="values"><p class="legend"><span class="expected">− expected</span> <span class="observed">+ observed</span></p>
<pre tabindex="0" role="region" aria-label="expected and observed">
${lines}</pre></div>${note}`;
  }
  return markup`<dl class="values"><div class="expected"><dt>expected</dt><dd><pre>
${expected.text}</pre></dd></div><div class="observed"><dt>observed</dt><dd><pre>
${observed.text}</pre></dd></div></dl>${note}`;
}

type Side = "expected" | "observed" | "";

function marked(value: string, side: Side): Content {
  const sign = { expected: "−", observed: "+", "": " " }[side];
  const text = value
    .replace(/\n$/, "")
    .split("\n")
    .map((line) => `${sign} ${line}`)
    .join("\n");
  return side === "" ? `${text}\n` : markup`<span class="${side}">${text}\n</span>`;
}

interface LaidOut {
  readonly text: string;
  readonly isCut: boolean;
}

/** JSON in lines that a reader can compare; a string of several lines as these lines. */
function laidOut(json: string): LaidOut {
  const value: unknown = JSON.parse(json);
  const isText = typeof value === "string" && value.includes("\n");
  const text = isText ? value : stringify(value, { maxLength: LINE_CHARACTERS });
  const lines = text.slice(0, MOST_CHARACTERS).split("\n").slice(0, MOST_LINES);
  const kept = lines.join("\n");
  return kept.length < text.length ? { text: `${kept}\n...`, isCut: true } : { text, isCut: false };
}

function ended(text: string): string {
  return `${text}\n`;
}
