import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import path from "node:path";
import type { AllureTool } from "./find-allure.ts";

/** How many runs' states are kept: enough to make the last reports again, each from what was before it. */
const KEPT = 3;

/** The histories of one tool in a folder that is kept between runs, one state for each run, named by its order. */
export class KeptHistory {
  readonly #dir: string;

  constructor(historyDir: string, tool: AllureTool) {
    this.#dir = path.join(historyDir, tool);
  }

  /** The state that the last run before this one left. A report that is made twice does not count its run twice. */
  before(order: number): string | undefined {
    const last = this.#orders()
      .filter((kept) => kept < order)
      .at(-1);
    return last === undefined ? undefined : path.join(this.#dir, String(last));
  }

  /** Keeps the files of `from` as the state after the run. */
  keep(order: number, from: string): void {
    const place = path.join(this.#dir, String(order));
    mkdirSync(this.#dir, { recursive: true });
    rmSync(`${place}.new`, { recursive: true, force: true });
    cpSync(from, `${place}.new`, { recursive: true });
    rmSync(place, { recursive: true, force: true });
    renameSync(`${place}.new`, place);
    for (const old of this.#orders().slice(0, -KEPT)) rmSync(path.join(this.#dir, String(old)), { recursive: true });
  }

  #orders(): readonly number[] {
    if (!existsSync(this.#dir)) return [];
    const names = readdirSync(this.#dir).filter((name) => /^\d+$/.test(name));
    return names.map(Number).toSorted((a, b) => a - b);
  }
}
