import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { CORE_SCHEMA, load } from "js-yaml";
import { z } from "zod";
import { harnessError, messageOf } from "./errors.ts";
import { packageFile } from "./package-root.ts";

/**
 * Reads and checks one YAML file of the package's own data.
 * @throws PlumblineError PL_FIXTURE with the file and every fault in it: a broken fixture is a bug of the package
 */
export function readFixture<T extends z.ZodType>(schema: T, file: string): z.output<T> {
  const shown = path.relative(packageFile(), file);
  const parsed = schema.safeParse(parseFixture(readFileSync(file, "utf8"), shown));
  if (parsed.success) return parsed.data;
  throw harnessError("PL_FIXTURE", `${shown} is malformed: ${z.prettifyError(parsed.error)}`, { cause: parsed.error });
}

/**
 * The data in a YAML text of the package's own. What users write is read by another library, which knows the place of every
 * value; this one takes a seventh of its time, and every process of a run reads some dozens of files.
 * @param what names the text in an error
 * @throws PlumblineError PL_FIXTURE with line and column
 */
export function parseFixture(text: string, what: string): unknown {
  try {
    return load(text, { schema: CORE_SCHEMA });
  } catch (cause) {
    throw harnessError("PL_FIXTURE", `${what} is not valid YAML: ${messageOf(cause)}`, { cause });
  }
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
