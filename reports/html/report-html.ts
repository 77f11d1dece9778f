import type { RunModel } from "../../harness/results/model.ts";
import { casesSection } from "./cases-section.ts";
import { EvidenceShelf, linkTo } from "./evidence-shelf.ts";
import { invariantsSection } from "./invariants-section.ts";
import { markup, type Content, type Html } from "./markup.ts";
import { pageShell } from "./page-shell.ts";
import { problemSections } from "./problem-sections.ts";
import { skippedSection } from "./skipped-section.ts";
import { testedSection } from "./tested-section.ts";
import { timesSection } from "./times-section.ts";
import { verdictHeader, verdictWords } from "./verdict-header.ts";

/**
 * The run as one page for a quick look: the verdict, what is wrong with its evidence, then everything else. It loads
 * nothing, so it can be sent alone; evidence beyond a bound is linked to, and lies beside it.
 * @param record its folder, where evidence is read and which does not appear in the page; and how links lead there from
 *   where the page lies
 */
export function reportHtml(model: RunModel, record: { readonly dir: string; readonly recordDir: string }): string {
  const { started } = model;
  const shelf = new EvidenceShelf(record);
  const content = markup`${verdictHeader(model)}
${contents(model)}
<main>
${problemSections(model, shelf)}
${skippedSection(model)}
${invariantsSection(model)}
${casesSection(model)}
${timesSection(model)}
${testedSection(model)}
</main>
${footer()}`;
  return pageShell(`${verdictWords(model)}: ${started.stack}, run ${started.runId}`, content);
}

function contents({ counts, invariants, cases }: RunModel): Html {
  const failures = counts.failed + counts.flaky;
  const links: readonly Content[] = [
    failures > 0 && markup`<a href="#failures">Failures</a>`,
    counts.fixed > 0 && markup`<a href="#fixed">Fixed</a>`,
    counts.error > 0 && markup`<a href="#errors">Errors</a>`,
    counts.known > 0 && markup`<a href="#known">Known</a>`,
    counts.skipped > 0 && markup`<a href="#skipped">Skipped</a>`,
    invariants.length > 0 && markup`<a href="#invariants">Invariants</a>`,
    cases.length > 0 && markup`<a href="#cases">Cases</a>`,
    markup`<a href="#times">Times</a>`,
    markup`<a href="#tested">Tested</a>`,
  ];
  return markup`<nav aria-label="Sections">${links}</nav>`;
}

function footer(): Html {
  const files = ["events.ndjson", "conformance.json", "junit.xml", "summary.md"].map((name, i) => [
    i > 0 && ", ",
    linkTo(name, name),
  ]);
  return markup`<footer><p>Made from the record of the run; beside this page: ${files}. It loads nothing and tells nobody that it was read.</p></footer>`;
}
