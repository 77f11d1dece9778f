import { sha256 } from "../../harness/core/json.ts";

/** An id in the form of a UUID that is the same for the same parts: one record always gives the same files. */
export function stableUuid(...parts: readonly string[]): string {
  const hex = sha256(JSON.stringify(parts));
  const ends = [0, 8, 12, 16, 20, 32];
  return ends
    .slice(1)
    .map((end, i) => hex.slice(ends[i], end))
    .join("-");
}
