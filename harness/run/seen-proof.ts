import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import type { SeenProof } from "../results/run-facts.ts";

/** Name of the file in the folder of the records in which `plumbline prove` sums up. */
export const PROOF_FILE = "proof.json";

const proofSchema = z.object({
  suiteDigest: z.string(),
  stack: z.string(),
  results: z.array(z.object({ fault: z.string(), proven: z.boolean(), skipped: z.boolean().optional() })),
});

/**
 * What `plumbline prove` has left in the folder of the records, if it was of this very suite and stack: another suite's
 * proof says nothing of this one.
 */
export function seenProof(
  outDir: string,
  { suiteDigest, stack }: { readonly suiteDigest: string; readonly stack: string },
): SeenProof | undefined {
  const proof = readProof(path.join(outDir, PROOF_FILE));
  if (proof?.suiteDigest !== suiteDigest || proof.stack !== stack) return undefined;
  const idsOf = (proven: boolean): readonly string[] =>
    proof.results.filter((result) => result.proven === proven && !result.skipped).map(({ fault }) => fault);
  return { suiteDigest, stack, proven: idsOf(true), notProven: idsOf(false) };
}

/** Nothing is known from a file that cannot be read: no reason to refuse a run. */
function readProof(file: string): z.infer<typeof proofSchema> | undefined {
  if (!existsSync(file)) return undefined;
  try {
    return proofSchema.safeParse(JSON.parse(readFileSync(file, "utf8"))).data;
  } catch {
    return undefined;
  }
}
