import type { Problem } from "./problem.ts";

/** What a case has to tell as plain text: findings, clauses, evidence and the command, one line each. */
export function story({ findings, clauses, levels, evidence, reproduce }: Problem): string {
  return [
    ...findings.map((f) => `${f.what}: ${f.message}\n  expected: ${f.expected}\n  observed: ${f.observed}`),
    ...clauses.map((clause) => `clause ${clause.id} (${clause.spec}, ${clause.section}): ${clause.statement}`),
    ...levels.map((level) => `level ${level}`),
    ...evidence.map((file) => `evidence: ${file}`),
    `reproduce: ${reproduce}`,
  ].join("\n");
}
