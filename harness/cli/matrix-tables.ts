import path from "node:path";
import type { MergedMatrix } from "../results/merge-records.ts";
import type { CliContext } from "./context.ts";
import { showError } from "./show-error.ts";
import { appendStepSummary } from "./step-summary.ts";

export interface ShownMatrix {
  readonly matrix: MergedMatrix;
  /** Paths of the tables. */
  readonly files: readonly string[];
  /** The table for machines. */
  readonly table: object;
  /** Records that could not be read. */
  readonly errors: readonly unknown[];
}

/**
 * Merges records, writes the tables to `OUT/matrix/`, and shows the short one.
 * @throws PlumblineError as `mergeRecords`
 */
export async function showMatrix(
  context: CliContext,
  records: readonly string[],
  { out, print }: { readonly out: string; readonly print: boolean },
): Promise<ShownMatrix> {
  const { mergeRecords } = await import("../results/merge-records.ts");
  const { writeMatrix } = await import("../../reports/matrix/write-matrix.ts");
  const { matrixText } = await import("../../reports/matrix/matrix-text.ts");
  const { matrixMarkdown } = await import("../../reports/matrix/matrix-markdown.ts");
  const { matrixTable } = await import("../../reports/matrix/matrix-json.ts");
  const { matrixModel } = await import("../../reports/matrix/matrix-model.ts");
  const { matrix, notes, errors } = mergeRecords(records.map((record) => path.resolve(context.cwd, record)));
  const outDir = path.resolve(context.cwd, out, "matrix");
  const files = writeMatrix(matrix, outDir);
  const model = matrixModel(matrix, outDir);
  const shown = files.map((file) => `  ${path.relative(context.cwd, file)}`);
  if (print) context.print([matrixText(model, context.paint), ...shown].join("\n"));
  appendStepSummary(context, matrixMarkdown(model));
  for (const note of notes) context.stderr.write(`${note}\n`);
  for (const error of errors) showError(error, context);
  return { matrix, files, table: matrixTable(model), errors };
}
