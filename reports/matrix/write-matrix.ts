import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { messageOf, usageError } from "../../harness/core/errors.ts";
import type { MergedMatrix } from "../../harness/results/merge-records.ts";
import { matrixHtml } from "./matrix-html.ts";
import { matrixJson } from "./matrix-json.ts";
import { matrixMarkdown } from "./matrix-markdown.ts";
import { matrixModel, type MatrixModel } from "./matrix-model.ts";

const FILES: Readonly<Record<string, (model: MatrixModel) => string>> = {
  "compatibility.html": matrixHtml,
  "compatibility.md": matrixMarkdown,
  "compatibility.json": matrixJson,
};

/**
 * Writes the tables of a matrix into a folder.
 * @returns their paths
 * @throws PlumblineError PL_OUT (usage) if nothing can be written there
 */
export function writeMatrix(matrix: MergedMatrix, outDir: string): readonly string[] {
  const model = matrixModel(matrix, outDir);
  try {
    mkdirSync(outDir, { recursive: true });
    return Object.entries(FILES).map(([name, make]) => {
      const file = path.join(outDir, name);
      writeFileSync(file, make(model));
      return file;
    });
  } catch (cause) {
    throw usageError("PL_OUT", `the tables cannot be written to ${outDir}: ${messageOf(cause)}`, {
      hint: "--out DIR says where to write",
      cause,
    });
  }
}
