import { readFileSync } from "node:fs";
import { z } from "zod";
import { harnessError } from "../core/errors.ts";
import { packageFile } from "../core/package-root.ts";
import { parseFixture } from "../core/read-fixture.ts";

const enforcer = z.strictObject({ by: z.string(), probe: z.string() });

/** Who enforces NetworkPolicy, and a script for `sh` that shows on a node that it does: its output is the evidence. */
export type PolicyEnforcer = z.output<typeof enforcer>;

/**
 * Reads fixtures/policy-enforcers.yaml.
 * @returns by name of the component
 * @throws PlumblineError PL_FIXTURE
 */
export function policyEnforcers(): Readonly<Record<string, PolicyEnforcer>> {
  const file = packageFile("fixtures", "policy-enforcers.yaml");
  const parsed = z.record(z.string(), enforcer).safeParse(parseFixture(readFileSync(file, "utf8"), file));
  if (parsed.success) return parsed.data;
  throw harnessError("PL_FIXTURE", `${file} tells of no enforcers: ${z.prettifyError(parsed.error)}`);
}
