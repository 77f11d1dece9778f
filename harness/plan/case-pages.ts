import type { CaseIndexEntry } from "./case-index.ts";
import type { CaseLibrary } from "./case-library.ts";
import { capital, caseSection } from "./case-section.ts";

/** How every page begins its second paragraph: what has it not is no page of ours. */
export const WRITTEN_BY = "Written by `plumbline docs`; edits are lost.";

/** A page for each suite, and README.md over them: Markdown by file name. */
export function casePages(library: CaseLibrary): ReadonlyMap<string, string> {
  const files = new Set(library.cases.map(({ file }) => file));
  const suites = new Map([...files].map((file) => [file, library.cases.filter((entry) => entry.file === file)]));
  const pages = [...suites].map(([file, cases]) => [pageName(file), suitePage(cases, library)] as const);
  return new Map(
    [["README.md", indexPage(suites, library)] as const, ...pages].toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/** `suites/attachments/flow.suite` as `attachments-flow.md`. */
export function pageName(file: string): string {
  return `${file
    .replace(/^suites\//, "")
    .replace(/\.suite$/, "")
    .replaceAll("/", "-")}.md`;
}

function suitePage(cases: readonly CaseIndexEntry[], library: CaseLibrary): string {
  const [{ suite, file } = { suite: "", file: "" }] = cases;
  return [
    `# ${capital(suite)}`,
    `${WRITTEN_BY} Source: [${file}.ts](../../${file}.ts). [All cases](README.md).`,
    ...cases.map((entry) => caseSection(entry, library)),
  ]
    .join("\n\n")
    .concat("\n");
}

function indexPage(suites: ReadonlyMap<string, readonly CaseIndexEntry[]>, library: CaseLibrary): string {
  const profiles = [...library.profiles.values()].map(
    ({ name, core, extended, summary }) => `| \`${name}\` | ${core.length} | ${extended.length} | ${summary} |`,
  );
  // several files may make one suite
  const titles = [...new Set([...suites.values()].flatMap(([first]) => first?.suite ?? []))];
  const rows = titles.flatMap((title) => [
    `### ${capital(title)}`,
    [
      "| case | checks | layer | profiles |",
      "|---|---|---|---|",
      ...library.cases
        .filter(({ suite }) => suite === title)
        .map((entry) => {
          const link = `[${entry.id}](${pageName(entry.file)}#${entry.id.toLowerCase()})`;
          return `| ${link} | ${inCell(entry.title)} | ${entry.layer} | ${profilesOf(entry, library).join(", ")} |`;
        }),
    ].join("\n"),
  ]);
  return `${[
    "# Cases",
    `${WRITTEN_BY} What each case requires, by which clause, how it is observed, what it needs, and what a failure usually means.`,
    "## Profiles",
    ["| profile | core | extended | cases |", "|---|---|---|---|", ...profiles].join("\n"),
    "A level of a profile is conformant when all of its cases pass. Core is what a release must pass; extended is what it should, or what is documented and nowhere demanded. In the table below, **bold** is core. The rules are in [profile-rules.yaml](../../fixtures/profile-rules.yaml).",
    "## Layers",
    "L0 runs a plugin's binary on a node, without a pod; L1 needs one node, L2 two; L3 disturbs nodes or the cluster.",
    "## How a case is told",
    "*Observed by* lists what the case claims, by the name that reports show, what it looks at for that, and behind a colon what that must be, where it is the same in every run. *A failure usually means* lists the defects that were planted to see the case fail.",
    "## By suite",
    ...rows,
  ].join("\n\n")}\n`;
}

function profilesOf({ id }: CaseIndexEntry, { profiles }: CaseLibrary): readonly string[] {
  return [...profiles.values()].flatMap(({ name, core, extended }) => {
    if (name === "full") return [];
    return core.includes(id) ? [`**${name}**`] : extended.includes(id) ? [name] : [];
  });
}

function inCell(text: string): string {
  return text.replaceAll("|", "\\|");
}
