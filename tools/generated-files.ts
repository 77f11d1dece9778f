import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { stringify } from "yaml";
import { allPages } from "../harness/cli/doc-pages.ts";
import { wrapText } from "../harness/cli/wrap-text.ts";
import { configJsonSchema } from "../harness/config/schema.ts";
import { packageFile } from "../harness/core/package-root.ts";
import { makeCaseIndex, type CaseIndex, type CaseIndexEntry } from "../harness/plan/case-index.ts";
import { loadClauses } from "../harness/plan/clauses.ts";
import { loadProfileRules, profileOf, type ProfileRule } from "../harness/plan/profile-rules.ts";
import { eventsJsonSchema } from "../harness/results/events.ts";
import { collectCases } from "../harness/testkit/collect.ts";
import { suitesOf } from "../harness/testkit/define.ts";
import { conformanceJsonSchema } from "../reports/conformance/schema.ts";
import { claimsOfSuite } from "./case-claims.ts";

/** A file of the tree that is computed from the sources. Add a line to `GENERATED` for another one. */
export interface GeneratedFile {
  /** Relative to the package. */
  readonly file: string;
  /** Data, or a promise of it, written as JSON; a text stands as it is. */
  readonly content: () => unknown;
}

export const GENERATED: readonly GeneratedFile[] = [
  { file: "schemas/plumbline.schema.json", content: configJsonSchema },
  { file: "schemas/conformance.schema.json", content: conformanceJsonSchema },
  { file: "schemas/events.schema.json", content: eventsJsonSchema },
  { file: "fixtures/case-index.json", content: caseIndex },
  { file: "fixtures/profiles/full.yaml", content: fullProfile },
  ...loadProfileRules().map((rule) => ({
    file: `fixtures/profiles/${rule.profile}.yaml`,
    content: () => ruledProfile(rule),
  })),
  { file: "fixtures/case-claims.json", content: caseClaims },
];

/** Pages for people: made of the files above, so only when those are fresh. */
export function generatedPages(): readonly GeneratedFile[] {
  return [...allPages()].map(([name, text]) => ({ file: `docs/${name}`, content: () => text }));
}

/** What the file should hold. */
export async function generatedText({ content }: GeneratedFile): Promise<string> {
  const data = await content();
  return typeof data === "string" ? data : `${JSON.stringify(data, undefined, 2)}\n`;
}

let index: Promise<CaseIndex> | undefined;

/** The suites register themselves once, when they are first loaded. */
function caseIndex(): Promise<CaseIndex> {
  return (index ??= readSuites());
}

/** Every case, core or extended as it says itself, so that a new case is listed by being there. */
async function fullProfile(): Promise<string> {
  const { cases } = await caseIndex();
  const idsOf = (level: CaseIndexEntry["level"]): readonly string[] =>
    cases.filter((entry) => entry.level === level).map(({ id }) => id);
  const summary = "Every case, for a release or a long look; needs time more than anything else.";
  const profile = { summary, core: idsOf("core"), extended: idsOf("extended") };
  return `# Every case there is; written by \`npm run generate\`.\n${stringify(profile, { lineWidth: 0 })}`;
}

/** The cases that a rule chooses by what they cite. */
async function ruledProfile(rule: ProfileRule): Promise<string> {
  const { cases } = await caseIndex();
  const { summary, core, extended } = profileOf(rule, { cases, clauses: loadClauses() });
  const comment = `Written by \`npm run generate\` by the rule of fixtures/profile-rules.yaml. ${rule.why}`;
  const lines = wrapText(comment, { columns: 118, indent: "" }).split("\n");
  return `${lines.map((line) => `# ${line}\n`).join("")}${stringify({ summary, core, extended }, { lineWidth: 0 })}`;
}

async function caseClaims(): Promise<object> {
  const { cases } = await caseIndex();
  const claims = new Map(suiteFiles().flatMap((file) => [...claimsOfSuite(readFileSync(packageFile(file), "utf8"))]));
  return Object.fromEntries(cases.map(({ id }) => [id, claims.get(id) ?? []]));
}

async function readSuites(): Promise<CaseIndex> {
  const entries = [];
  for (const file of suiteFiles()) {
    const suites = await suitesOf(() => import(pathToFileURL(packageFile(file)).href));
    entries.push(...collectCases(suites, file.replace(/\.ts$/, "")));
  }
  return makeCaseIndex(entries, suiteSources());
}

/** Text of every suite, and of what lies beside suites and several of them use, by its path. */
export function suiteSources(): ReadonlyMap<string, string> {
  return new Map(sourceFiles().map((file) => [file, readFileSync(packageFile(file), "utf8")]));
}

function suiteFiles(): string[] {
  return sourceFiles().filter((file) => file.endsWith(".suite.ts"));
}

/** Paths of all files of suites, relative to the package, forward slashes. */
function sourceFiles(): string[] {
  return readdirSync(packageFile("suites"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /(?<!\.test)\.ts$/.test(entry.name))
    .map((entry) => path.relative(packageFile(), path.join(entry.parentPath, entry.name)).replaceAll(path.sep, "/"))
    .toSorted();
}
