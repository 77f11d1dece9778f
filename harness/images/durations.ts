import { readFileSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import { homeDir } from "../core/state-dir.ts";

/** How long each step of a build took the last time, so that progress can tell what to expect. */
export class Durations {
  readonly #file = path.join(homeDir("cache"), "last-durations.json");
  readonly #seconds: Record<string, number>;

  constructor() {
    this.#seconds = readDurations(this.#file);
  }

  /** e.g. `kubelet (took 121 s last time)`; only the name if it never ran */
  titleOf(step: string): string {
    const seconds = this.#seconds[step];
    return seconds === undefined ? step : `${step} (took ${seconds} s last time)`;
  }

  record(step: string, durationMs: number): void {
    this.#seconds[step] = Math.round(durationMs / 1000);
    const temporary = `${this.#file}.${process.pid}`;
    writeFileSync(temporary, `${JSON.stringify({ ...readDurations(this.#file), ...this.#seconds }, undefined, 2)}\n`);
    renameSync(temporary, this.#file);
  }
}

/** A lost or broken file loses nothing but the figures. */
function readDurations(file: string): Record<string, number> {
  try {
    const parsed: unknown = JSON.parse(readFileSync(file, "utf8"));
    const entries = Object.entries(parsed as Record<string, unknown>).filter(
      (e): e is [string, number] => typeof e[1] === "number",
    );
    return Object.fromEntries(entries);
  } catch {
    return {};
  }
}
