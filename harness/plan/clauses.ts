import { z } from "zod";
import { harnessError } from "../core/errors.ts";
import { packageFile } from "../core/package-root.ts";
import { fixtureFiles, readFixture } from "../core/read-fixture.ts";

const clauseFileSchema = z.strictObject({
  /** Name and version of the document, as reports print it. */
  spec: z.string(),
  url: z.url(),
  clauses: z
    .array(
      z.strictObject({
        id: z.string().regex(/^[A-Z0-9]+-[\w.-]+$/, "a clause id such as NPWG-4.1.1-short-names"),
        section: z.string(),
        level: z.enum(["MUST", "SHOULD", "feature"]),
        addressee: z.enum(["runtime", "multus", "plugin", "author"]),
        /** What is demanded, in our words. */
        statement: z.string().min(20),
        /** The first version of the addressee that it is about, e.g. `v4.2.1`; absent where older ones are not told apart. */
        since: z
          .string()
          .regex(/^v\d+\.\d+\.\d+$/)
          .optional(),
        /** Where it stands, if more precise than the document. */
        url: z.url().optional(),
      }),
    )
    .readonly(),
});

/** One requirement of a specification. */
export interface Clause {
  readonly id: string;
  readonly spec: string;
  readonly section: string;
  readonly level: "MUST" | "SHOULD" | "feature";
  readonly addressee: "runtime" | "multus" | "plugin" | "author";
  readonly statement: string;
  readonly url: string;
  readonly since?: string | undefined;
}

/** The feature of testbeds that are new enough for a clause with `since`, which the cases that cite it need. */
export function featureOfClause({ id }: Pick<Clause, "id">): string {
  return id.toLowerCase();
}

/**
 * All clauses of fixtures/clauses, one file a document.
 * @throws PlumblineError PL_FIXTURE if a file is malformed or an id stands twice
 */
export function loadClauses(dir: string = packageFile("fixtures", "clauses")): ReadonlyMap<string, Clause> {
  const clauses = new Map<string, Clause>();
  for (const file of fixtureFiles(dir)) {
    const document = readFixture(clauseFileSchema, file);
    for (const item of document.clauses) {
      if (clauses.has(item.id)) throw harnessError("PL_FIXTURE", `the clause ${item.id} stands twice in ${dir}`);
      clauses.set(item.id, { ...item, spec: document.spec, url: item.url ?? document.url });
    }
  }
  return clauses;
}

const exemptionsSchema = z.strictObject({
  exemptions: z
    .array(
      z.strictObject({
        clause: z.string(),
        /** Why no case can or need check it. */
        reason: z.string().min(20),
      }),
    )
    .readonly(),
});
export type Exemption = z.infer<typeof exemptionsSchema>["exemptions"][number];

/** MUST clauses that have no case, each with its reason. */
export function loadExemptions(file: string = packageFile("fixtures", "exemptions.yaml")): readonly Exemption[] {
  return readFixture(exemptionsSchema, file).exemptions;
}
