import { existsSync } from "node:fs";
import { register } from "node:module";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/** What suites of a user import. */
const NAME = "plumbline/testkit";

/** The testkit of the program that runs, compiled or not: the nearest above this code. */
function ownTestkit(): string {
  for (let dir = path.dirname(fileURLToPath(import.meta.url)); ; dir = path.dirname(dir)) {
    const files = ["index.js", "index.ts"].map((name) => path.join(dir, "harness", "testkit", name));
    const found = files.find((file) => existsSync(file));
    if (found !== undefined) return found;
    if (dir === path.dirname(dir)) throw new Error("the package is incomplete: no harness/testkit above the code");
  }
}

let lent = false;

/**
 * Loads a file of a user's suites. It gets the testkit of the Plumbline that runs it, wherever it lies and whatever is
 * installed beside it: suites register themselves with the testkit that they import, and only this one is asked.
 */
export async function importOwnSuite(file: string): Promise<void> {
  if (!lent) {
    const hook = `export const resolve = (name, context, next) =>
      name === ${JSON.stringify(NAME)} ? { url: ${JSON.stringify(pathToFileURL(ownTestkit()).href)}, shortCircuit: true } : next(name, context);`;
    register(`data:text/javascript,${encodeURIComponent(hook)}`);
    lent = true;
  }
  await import(pathToFileURL(file).href);
}
