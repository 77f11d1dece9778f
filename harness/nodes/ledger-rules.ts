import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { harnessError, messageOf } from "../core/errors.ts";
import { packageFile } from "../core/package-root.ts";
import { parseFixture } from "../core/read-fixture.ts";

/** Who a difference belongs to. */
export type LedgerClass = "pod" | "shared" | "foreign" | "volatile" | "unclassed";

const pattern = z.string().transform((source, context) => {
  try {
    return new RegExp(`^(?:${source})$`);
  } catch (error) {
    context.addIssue({ code: "custom", message: messageOf(error) });
    return z.NEVER;
  }
});

const ruleSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]+$/),
  class: z.enum(["pod", "shared", "foreign", "volatile"]),
  /** Why things like this belong there; shown to whoever reads the ledger. */
  reason: z.string().min(20),
  kinds: z.array(z.string()).min(1),
  /** Regular expression for the whole key. */
  key: pattern.optional(),
  changes: z.array(z.enum(["added", "removed", "changed"])).optional(),
  /** Dotted path into the thing -> regular expression for the text of what is there (JSON unless it is a text). */
  where: z.record(z.string(), pattern).optional(),
  /** Only for changed things: the paths that this rule speaks of. Changes elsewhere in the thing are not covered. */
  fields: z.array(pattern).optional(),
});

export type LedgerRule = z.output<typeof ruleSchema>;

/**
 * Rules in the order in which they are tried: files by name, then as they stand. The first one that fits wins.
 * @throws PlumblineError PL_LEDGER_RULES if a file is malformed or an id is used twice
 */
export function loadLedgerRules(dir: string = packageFile("fixtures", "ledger-rules")): readonly LedgerRule[] {
  const names = readdirSync(dir).filter((name) => name.endsWith(".yaml"));
  const rules = names.toSorted().flatMap((name) => readRules(path.join(dir, name)));
  const seen = new Set<string>();
  for (const { id } of rules) {
    if (seen.has(id)) throw harnessError("PL_LEDGER_RULES", `two ledger rules have the id ${id}`);
    seen.add(id);
  }
  return rules;
}

function readRules(file: string): readonly LedgerRule[] {
  const document = parseFixture(readFileSync(file, "utf8"), path.basename(file));
  const parsed = z.strictObject({ rules: z.array(ruleSchema) }).safeParse(document);
  if (parsed.success) return parsed.data.rules;
  throw harnessError("PL_LEDGER_RULES", `${path.basename(file)} is malformed: ${z.prettifyError(parsed.error)}`, {
    cause: parsed.error,
  });
}
