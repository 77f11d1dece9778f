import { readFileSync } from "node:fs";
import { z } from "zod";
import { harnessError } from "../core/errors.ts";
import { packageFile } from "../core/package-root.ts";

const claimSchema = z.strictObject({
  /** Its stable name; dots where a part of it is only known in a run. */
  assertion: z.string().min(1),
  /** What is looked at, and behind a colon what it must be where that is a constant. */
  looksAt: z.array(z.string()).readonly(),
});

/** One thing that a case claims. */
export type CaseClaim = z.infer<typeof claimSchema>;

const fileSchema = z.record(z.string(), z.array(claimSchema).readonly());

/**
 * What each case claims, by its id; written by `npm run generate` from the sources of the suites, which nobody needs to
 * have who reads it.
 * @throws PlumblineError PL_FIXTURE
 */
export function loadCaseClaims(
  file: string = packageFile("fixtures", "case-claims.json"),
): ReadonlyMap<string, readonly CaseClaim[]> {
  const parsed = fileSchema.safeParse(JSON.parse(readFileSync(file, "utf8")));
  if (parsed.success) return new Map(Object.entries(parsed.data));
  throw harnessError("PL_FIXTURE", `${file} is malformed: ${z.prettifyError(parsed.error)}`, {
    hint: "run `npm run generate`",
    cause: parsed.error,
  });
}
