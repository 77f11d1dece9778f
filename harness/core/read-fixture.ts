import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { parseDocument } from "yaml";
import { z } from "zod";
import { harnessError } from "../core/errors.ts";
import { packageFile } from "../core/package-root.ts";

/**
 * Reads and checks one YAML file of the package's own data.
 * @throws PlumblineError PL_FIXTURE with the file and every fault in it: a broken fixture is a bug of the package
 */
export function readFixture<T extends z.ZodType>(schema: T, file: string): z.output<T> {
  const shown = path.relative(packageFile(), file);
  const document = parseDocument(readFileSync(file, "utf8"), { prettyErrors: true });
  const [syntax] = document.errors;
  if (syntax) throw harnessError("PL_FIXTURE", `${shown} is not valid YAML: ${syntax.message}`, { cause: syntax });
  const parsed = schema.safeParse(document.toJS());
  if (parsed.success) return parsed.data;
  throw harnessError("PL_FIXTURE", `${shown} is malformed: ${z.prettifyError(parsed.error)}`, { cause: parsed.error });
}

/** The YAML files of a folder, sorted by name; none if the folder does not exist. */
export function fixtureFiles(dir: string): readonly string[] {
  try {
    const names = readdirSync(dir).filter((name) => name.endsWith(".yaml"));
    return names.toSorted().map((name) => path.join(dir, name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
