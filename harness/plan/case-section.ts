import { alternativesOf } from "../core/alternatives.ts";
import type { CaseClaim } from "./case-claims.ts";
import type { CaseIndexEntry } from "./case-index.ts";
import type { CaseLibrary, PlantedFault } from "./case-library.ts";
import type { Clause } from "./clauses.ts";
import type { Deviation } from "./deviations.ts";

/** All about one case, as a section of Markdown that reads well as plain text, too. */
export function caseSection(entry: CaseIndexEntry, library: CaseLibrary): string {
  const { id } = entry;
  return [
    `## ${id}`,
    `${capital(entry.title)}.`,
    `**Required by**\n\n${list(entry.clauses.map((clause) => clauseText(clause, library.clauses.get(clause))))}`,
    observed(library.claims.get(id) ?? []),
    `**Needs** ${needsText(entry)}`,
    meaning(id, library.faults),
    deviationsText(library.deviations.filter((deviation) => deviation.case === id)),
    `**Run it**: \`plumbline run --reuse --case ${id}\`; see it fail: \`plumbline prove --reuse --case ${id}\``,
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

const ADDRESSEES: Readonly<Record<Clause["addressee"], string>> = {
  multus: "Multus",
  plugin: "the plugin",
  runtime: "the runtime, or whoever calls plugins",
  author: "who writes the configuration",
};

function clauseText(id: string, clause: Clause | undefined): string {
  if (!clause) return `\`${id}\``;
  const level = clause.level === "feature" ? "documented" : clause.level;
  const where = `[${clause.spec}, ${clause.section}](${clause.url})`;
  const since = clause.since === undefined ? "" : ` since ${clause.since}`;
  return `${where}, ${level}, for ${ADDRESSEES[clause.addressee]}${since} (\`${id}\`): ${oneLine(clause.statement)}`;
}

function observed(claims: readonly CaseClaim[]): string {
  return claims.length === 0 ? "" : `**Observed by**\n\n${list(claims.map(claimText))}`;
}

function claimText({ assertion, looksAt }: CaseClaim): string {
  return looksAt.length === 0 ? `\`${assertion}\`` : `\`${assertion}\`: ${looksAt.join("; ")}`;
}

const LAYERS: Readonly<Record<CaseIndexEntry["layer"], string>> = {
  L0: "a plugin's binary on a node, called by the harness itself (L0)",
  L1: "one node that takes pods (L1)",
  L2: "two nodes that take pods (L2)",
  L3: "a cluster that it may disturb (L3)",
};

const DISTURBS: Readonly<Record<CaseIndexEntry["disturbs"], string>> = {
  nothing: "",
  node: " While it runs, its node is its own.",
  cluster: " It runs alone, last: it disturbs the whole cluster.",
};

function needsText({ layer, pods, features, disturbs }: CaseIndexEntry): string {
  const own = pods.length === 0 ? [] : [`${pods.length} pod${pods.length === 1 ? "" : "s"}`];
  const featured = features.length === 0 ? [] : [features.map(featureText).join(", ")];
  return `${[LAYERS[layer], ...own, ...featured].join("; ")}.${DISTURBS[disturbs]}`;
}

function featureText(need: string): string {
  return alternativesOf(need)
    .map((name) => `\`${name}\``)
    .join(" or ");
}

/** What the faults that the case has been seen to notice tell of a subject on which it fails. */
function meaning(id: string, faults: readonly PlantedFault[]): string {
  const noticed = faults.flatMap((fault) => {
    const entry = fault.noticedBy.find((notice) => notice.case === id);
    return entry ? [{ fault, assertions: entry.assertions }] : [];
  });
  const repairing = faults.filter((fault) => fault.repairs === id);
  const lines = [
    ...noticed.map(({ fault, assertions }) => {
      const names = assertions.map((name) => `\`${name}\``).join(" or ");
      const where = names === "" ? "" : `${names} fails: `;
      return `${where}${oneLine(fault.title)} (planted as \`${fault.id}\`)${noteOf(fault)}`;
    }),
    ...repairing.map(
      (fault) =>
        `as releases stand, no pass is to be expected: it was seen behind \`${fault.id}\`, where ${oneLine(fault.title)}${noteOf(fault)}`,
    ),
  ];
  return lines.length === 0 ? "" : `**A failure usually means**\n\n${list(lines)}`;
}

function noteOf({ note }: PlantedFault): string {
  return note === undefined ? "" : `. ${oneLine(note)}`;
}

function deviationsText(deviations: readonly Deviation[]): string {
  if (deviations.length === 0) return "";
  const lines = deviations.map(({ title, applies, note, issue }) => {
    const modes = applies.modes ? `, ${applies.modes.join(" or ")}` : "";
    const networks = applies.defaultNetworks ? `, on ${applies.defaultNetworks.join(" or ")}` : "";
    const upstream = issue === undefined ? " Nobody has reported it upstream yet." : ` [Upstream](${issue}).`;
    return `${applies.component} \`${applies.versions}\`${modes}${networks}: ${title}. ${oneLine(note)}${upstream}`;
  });
  return `**Known deviations**\n\n${list(lines)}`;
}

function list(items: readonly string[]): string {
  return items.map((item) => `- ${item}`).join("\n");
}

function oneLine(text: string): string {
  return text.trim().replaceAll(/\s+/g, " ");
}

export function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
