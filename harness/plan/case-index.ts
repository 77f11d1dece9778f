import { existsSync, readFileSync } from "node:fs";
import { z } from "zod";
import { harnessError } from "../core/errors.ts";
import { sha256 } from "../core/json.ts";
import { packageFile } from "../core/package-root.ts";

const caseId = z.string().regex(/^[A-Z]{2,5}-\d{3}$/, "a case id such as ATT-003");

/** What is known of a case without loading its suite. Written by `npm run generate`, read by `list` and selection. */
export const caseIndexEntrySchema = z.strictObject({
  id: caseId,
  /** Raised when the case judges differently than before, so that two records can be compared. */
  revision: z.number().int().positive(),
  title: z.string().min(1),
  /** Title of the suite (the outermost `describe`). */
  suite: z.string().min(1),
  /** Path of the suite relative to the package, forward slashes, without extension: `suites/attachments/basic.suite`. */
  file: z.string().regex(/^suites\/[\w./-]+\.suite$/, "a path such as suites/attachments/basic.suite"),
  /** Ids of fixtures/clauses. */
  clauses: z.array(z.string()).min(1).readonly(),
  /** Names of features that the testbed must have. */
  features: z.array(z.string()).readonly(),
  /** Ids of fixtures/faults which this case must notice. */
  faults: z.array(z.string()).readonly(),
  disturbs: z.enum(["nothing", "node", "cluster"]),
  layer: z.enum(["L0", "L1", "L2", "L3"]),
  level: z.enum(["core", "extended"]),
  /** Keys of the pods that the case declares: what batches are packed by. */
  pods: z.array(z.string()).readonly(),
});
export type CaseIndexEntry = z.infer<typeof caseIndexEntrySchema>;

/** A case of an author's own suite: its file lies anywhere, and it need cite no clause. */
export const ownCaseSchema = caseIndexEntrySchema.extend({
  file: z.string().startsWith("/"),
  clauses: z.array(z.string()).readonly(),
});

export const caseIndexSchema = z.strictObject({
  /** `sha256:...` over the sources of all suites: two reports with the same digest ran the same cases. */
  suiteDigest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  cases: z.array(caseIndexEntrySchema).readonly(),
});
export type CaseIndex = z.infer<typeof caseIndexSchema>;

/**
 * Makes the index from what the suites declare.
 * @param sources text of every file of the suites by its path, for the digest
 * @throws PlumblineError PL_CASE_INDEX if an entry is malformed or two cases share an id
 */
export function makeCaseIndex(entries: readonly CaseIndexEntry[], sources: ReadonlyMap<string, string>): CaseIndex {
  const texts = [...sources]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([file, text]) => `${file}\0${sha256(text)}\n`);
  const cases = entries.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  return checked({ suiteDigest: `sha256:${sha256(texts.join(""))}`, cases }, "the suites");
}

/**
 * Reads fixtures/case-index.json. Loads no suite.
 * @throws PlumblineError PL_CASE_INDEX
 */
export function loadCaseIndex(file: string = packageFile("fixtures", "case-index.json")): CaseIndex {
  if (!existsSync(file)) {
    throw harnessError("PL_CASE_INDEX", `the case index ${file} does not exist`, { hint: "run `npm run generate`" });
  }
  const data: unknown = JSON.parse(readFileSync(file, "utf8"));
  return checked(data, file);
}

function checked(data: unknown, where: string): CaseIndex {
  const parsed = caseIndexSchema.safeParse(data);
  if (!parsed.success) {
    throw harnessError("PL_CASE_INDEX", `the case index of ${where} is malformed: ${z.prettifyError(parsed.error)}`, {
      hint: "run `npm run generate`",
    });
  }
  const seen = new Map<string, string>();
  for (const { id, file } of parsed.data.cases) {
    const other = seen.get(id);
    if (other !== undefined) {
      throw harnessError("PL_CASE_INDEX", `two cases have the id ${id}: one in ${other}, one in ${file}`);
    }
    seen.set(id, file);
  }
  return parsed.data;
}
