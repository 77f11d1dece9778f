import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import type { ErrorGuide } from "../harness/cli/error-guide.ts";
import type { ErrorKind } from "../harness/core/errors.ts";
import { packageFile } from "../harness/core/package-root.ts";
import { EXIT, SKIP_CODES } from "../harness/core/status.ts";

/** Code -> kinds with which a factory of `core/errors.ts` is called for it; none where it is made another way. */
export type CodesInUse = ReadonlyMap<string, ReadonlySet<ErrorKind>>;

/** Every code that the program can show, by the texts of its sources. */
export function codesInSources(): CodesInUse {
  const files = ["harness", "reports"].flatMap((folder) =>
    readdirSync(packageFile(folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /(?<!\.test|\.test-support)\.ts$/.test(entry.name))
      .map((entry) => path.join(entry.parentPath, entry.name)),
  );
  return codesIn(files.map((file) => readFileSync(file, "utf8")));
}

/** The same of these texts. */
export function codesIn(texts: readonly string[]): CodesInUse {
  const codes = new Map<string, Set<ErrorKind>>();
  for (const text of texts) {
    for (const [, factory, code = ""] of text.matchAll(
      /(?:\b(usage|host|harness|subject)Error\(\s*)?"(PL_[A-Z0-9_]+)"/g,
    )) {
      const kinds = codes.get(code) ?? new Set();
      codes.set(code, factory === undefined ? kinds : kinds.add(factory as ErrorKind));
    }
  }
  return codes;
}

/** What the guide and the sources do not agree about; one sentence each. */
export function errorGuideProblems(guide: ErrorGuide, codes: CodesInUse): readonly string[] {
  const entries = guide.groups.flatMap(({ errors }) => errors);
  const known = new Map(entries.map((entry) => [entry.code, entry]));
  const where = "fixtures/errors.yaml";
  return [
    ...[...codes.keys()].filter((code) => !known.has(code)).map((code) => `${where} does not explain ${code}`),
    ...[...known.keys()]
      .filter((code) => !codes.has(code))
      .map((code) => `${where} explains ${code}, which nothing uses`),
    ...twice(entries.map(({ code }) => code)).map((code) => `${where} explains ${code} twice`),
    ...[...codes].flatMap(([code, kinds]) => {
      const told = known.get(code)?.kind;
      const untold = told ? [...kinds].filter((kind) => !told.includes(kind)) : [];
      return untold.map(
        (kind) => `${where} says that ${code} is of kind ${told?.join(", ")}, but the sources say ${kind}`,
      );
    }),
    ...differences(
      "skip code",
      SKIP_CODES,
      guide.skips.map(({ code }) => code),
    ),
    ...differences(
      "exit code",
      Object.values(EXIT),
      guide.exitCodes.map(({ code }) => code),
    ),
  ];
}

function differences(what: string, names: readonly (string | number)[], told: readonly (string | number)[]): string[] {
  return [
    ...names
      .filter((code) => !told.includes(code))
      .map((code) => `fixtures/errors.yaml does not explain the ${what} ${code}`),
    ...told
      .filter((code) => !names.includes(code))
      .map((code) => `fixtures/errors.yaml explains the ${what} ${code}, which nothing uses`),
  ];
}

function twice(names: readonly string[]): readonly string[] {
  return [...new Set(names.filter((name, i) => names.indexOf(name) !== i))];
}
