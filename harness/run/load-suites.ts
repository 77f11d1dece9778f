import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { packageFile } from "../core/package-root.ts";
import { suitesOf, type RegisteredSuite } from "../testkit/define.ts";
import { importOwnSuite } from "./import-own-suite.ts";

/** Suites lie compiled beside the compiled harness, or as sources beside the sources. */
const compiled = path.extname(fileURLToPath(import.meta.url)) === ".js";

async function importSuites(file: string): Promise<void> {
  if (path.isAbsolute(file)) return importOwnSuite(file);
  await import(pathToFileURL(compiled ? packageFile("dist", `${file}.js`) : packageFile(`${file}.ts`)).href);
}

type Loaded = Promise<readonly RegisteredSuite[]>;

/** Loaded once a process: a file that is asked for again registers nothing. */
const known = new Map<string, Loaded>();
let last: Loaded = Promise.resolve([]);

/** The suites of a file. They register themselves as they are loaded, so one file is loaded after the other. */
export function loadSuites(file: string): Loaded {
  const load = (): Loaded => suitesOf(() => importSuites(file));
  const loaded = known.get(file) ?? (last = last.then(load, load));
  known.set(file, loaded);
  return loaded;
}
