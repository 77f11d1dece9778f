import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { RunEvent } from "./events.ts";
import { sampleEvents } from "./sample-events.test-support.ts";

/** Events as the lines of `events.ndjson`. */
export function eventLines(events: readonly unknown[]): string {
  return events.map((event) => `${JSON.stringify(event)}\n`).join("");
}

/** Writes a record as a run leaves it before its reports: the events, and the evidence that they name. */
export function writeSampleRecord(dir: string, events: readonly RunEvent[] = sampleEvents()): void {
  writeFile(dir, "events.ndjson", eventLines(events));
  writeFile(dir, "evidence/STA-005/cni.json", `{"ips": ["10.1.1.9"]}\n`);
  writeFile(dir, "evidence/ATT-002/state.json", `{"links": []}\n`);
  writeFile(
    dir,
    "evidence/ATT-002/net1.pcap",
    Uint8Array.from({ length: 64 }, (_, i) => (i * 37) % 256),
  );
}

function writeFile(dir: string, file: string, content: string | Uint8Array): void {
  const target = path.join(dir, file);
  mkdirSync(path.dirname(target), { recursive: true });
  writeFileSync(target, content);
}
