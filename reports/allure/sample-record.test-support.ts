import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { RunEvent } from "../../harness/results/events.ts";
import { foldEvents } from "../../harness/results/model.ts";
import { sampleEvents } from "../../harness/results/sample-events.test-support.ts";
import { writeAllureResults } from "./write-allure-results.ts";

/** A folder with the sample's evidence, but for one file, and with a way out of it. */
export class SampleRecord {
  readonly dir = mkdtempSync(path.join(tmpdir(), "plumbline-allure-"));
  readonly recordDir = path.join(this.dir, "record");

  constructor() {
    mkdirSync(path.join(this.recordDir, "evidence", "STA-005"), { recursive: true });
    writeFileSync(path.join(this.recordDir, "evidence", "STA-005", "cni.json"), `{"ips": []}\n`);
    writeFileSync(path.join(this.dir, "private.txt"), "not of the record");
    symlinkSync(path.join(this.dir, "private.txt"), path.join(this.recordDir, "evidence", "link.txt"));
  }

  /** @returns the folder of the results */
  async write(name: string, events: readonly RunEvent[] = sampleEvents()): Promise<string> {
    const outDir = path.join(this.dir, name);
    await writeAllureResults({ model: foldEvents(events), recordDir: this.recordDir, outDir });
    return outDir;
  }

  remove(): void {
    rmSync(this.dir, { recursive: true });
  }
}

/** The sample run a day later, in which STA-005 passes. */
export function nextDay(): RunEvent[] {
  return sampleEvents().map((event): RunEvent => {
    const at = new Date(Date.parse(event.at) + 86_400_000).toISOString();
    if (event.type === "run-started") return { ...event, at, runId: "20260103T030405-def456" };
    if (event.type === "verdict" && event.caseId === "STA-005") return { ...event, at, status: "passed" };
    if (event.type !== "case-ended" || event.caseId !== "STA-005") return { ...event, at };
    const { failure: _, ...rest } = event;
    return { ...rest, at, outcome: "passed" };
  });
}
