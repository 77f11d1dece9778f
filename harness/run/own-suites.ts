import { readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { messageOf, usageError, type PlumblineError } from "../core/errors.ts";
import { sha256 } from "../core/json.ts";
import { loadCaseIndex, ownCaseSchema, type CaseIndex, type CaseIndexEntry } from "../plan/case-index.ts";
import { loadClauses } from "../plan/clauses.ts";
import { loadFaultIds } from "../plan/load-plan.ts";
import { collectCases } from "../testkit/collect.ts";
import { suitesOf } from "../testkit/define.ts";
import { importOwnSuite } from "./import-own-suite.ts";

/** The index with the cases of an author's own suites, which belong to every profile. */
export interface WholeIndex extends CaseIndex {
  /** Ids of the author's cases. */
  readonly own: ReadonlySet<string>;
}

const SUITE_FILE = /\.suite\.(js|mjs|ts|mts)$/;

/**
 * The case index as it is shipped, and the cases of suite files of the user.
 * @param names files, or folders with `*.suite.js` in them, relative to the working folder
 * @throws PlumblineError (usage) PL_SUITE_FILE for a file that is missing, cannot be loaded or has no case; PL_SUITE_CASE for
 *   a case that is not well formed, or whose id another case has
 */
export async function wholeIndex(names: readonly string[]): Promise<WholeIndex> {
  const shipped = loadCaseIndex();
  if (names.length === 0) return { ...shipped, own: new Set() };
  const files = [...new Set(names.flatMap(suiteFiles))];
  const own: CaseIndexEntry[] = [];
  for (const file of files) own.push(...(await casesOf(file)));
  refuseDoubles(shipped.cases, own);
  const texts = files.map((file) => `${path.basename(file)}\0${sha256(readFileSync(file))}\n`);
  return {
    suiteDigest: `sha256:${sha256([shipped.suiteDigest, ...texts].join(""))}`,
    cases: [...shipped.cases, ...own],
    own: new Set(own.map(({ id }) => id)),
  };
}

function suiteFiles(name: string): readonly string[] {
  const full = path.resolve(name);
  const found = statSync(full, { throwIfNoEntry: false });
  if (!found) throw fileError(name, "there is no such file or folder");
  if (!found.isDirectory()) return [full];
  const inside = readdirSync(full).filter((file) => SUITE_FILE.test(file));
  if (inside.length === 0) throw fileError(name, "the folder has no *.suite.js in it");
  return inside.toSorted().map((file) => path.join(full, file));
}

/** A suite registers itself when it is loaded, which happens once a process. */
const known = new Map<string, Promise<readonly CaseIndexEntry[]>>();

function casesOf(file: string): Promise<readonly CaseIndexEntry[]> {
  const cases = known.get(file) ?? loadCases(file);
  known.set(file, cases);
  return cases;
}

async function loadCases(file: string): Promise<readonly CaseIndexEntry[]> {
  const shown = path.relative(process.cwd(), file);
  const suites = await suitesOf(() => importOwnSuite(file)).catch((cause: unknown) => {
    const isForeign = (cause as { code?: unknown } | undefined)?.code === "ERR_UNKNOWN_FILE_EXTENSION";
    throw fileError(
      shown,
      isForeign ? "this Node does not read TypeScript: compile it first" : messageOf(cause),
      cause,
    );
  });
  const collected = collectCases(suites, file);
  if (collected.length === 0)
    throw fileError(shown, "it declares no case: testCase() inside suite(), of plumbline/testkit");
  const clauses = loadClauses();
  const faults = loadFaultIds();
  return collected.map((entry) => {
    const parsed = ownCaseSchema.safeParse(entry);
    if (!parsed.success) throw caseError(shown, entry.id, z.prettifyError(parsed.error));
    const clause = entry.clauses.find((id) => !clauses.has(id));
    if (clause !== undefined) throw caseError(shown, entry.id, `it cites the clause ${clause}, which there is not`);
    const fault = entry.faults.find((id) => !faults.has(id));
    if (fault !== undefined) throw caseError(shown, entry.id, `it names the fault ${fault}, which there is not`);
    return parsed.data;
  });
}

function refuseDoubles(shipped: readonly CaseIndexEntry[], own: readonly CaseIndexEntry[]): void {
  const places = new Map(shipped.map(({ id, file }) => [id, `Plumbline's own, in ${file}`]));
  for (const { id, file } of own) {
    const other = places.get(id);
    const shown = path.relative(process.cwd(), file);
    if (other !== undefined) throw caseError(shown, id, `a case of that id is ${other}`);
    places.set(id, `in ${shown}`);
  }
}

function fileError(name: string, why: string, cause?: unknown): PlumblineError {
  return usageError("PL_SUITE_FILE", `the suite ${name} cannot be used: ${why}`, {
    hint: "`suites` in plumbline.yaml names files such as ./my.suite.js, or folders of them; README.md shows one",
    cause,
    context: { setting: "suites", value: name },
  });
}

function caseError(file: string, id: string, why: string): PlumblineError {
  return usageError("PL_SUITE_CASE", `the case ${id} of ${file} cannot be used: ${why}`, {
    hint: "give it an id of your own, such as MY-001: two to five capital letters, a hyphen, three digits",
  });
}
