import { readdirSync, readFileSync } from "node:fs";
import { z } from "zod";

/** One process of one boot of one host. A pid alone is given away again. */
export const ProcessIdentity = z.strictObject({
  pid: z.int().positive(),
  /** Clock ticks since boot, field 22 of /proc/PID/stat. */
  startTicks: z.string(),
  bootId: z.string(),
});
export type ProcessIdentity = z.infer<typeof ProcessIdentity>;

/** Name of the variable that marks the processes that work on a cluster; they hand it down to their children. */
export const CLAIM_VARIABLE = "PLUMBLINE_CLAIM";

export function ownIdentity(): ProcessIdentity {
  const { pid } = process;
  return { pid, startTicks: statOf(pid)?.startTicks ?? "", bootId: bootId() };
}

export function isAlive(identity: ProcessIdentity): boolean {
  return identity.bootId === bootId() && statOf(identity.pid)?.startTicks === identity.startTicks;
}

export function isSelf(identity: ProcessIdentity): boolean {
  return identity.pid === process.pid && isAlive(identity);
}

/**
 * Living members of a process group that carry the mark of a claim. The mark makes sure that a group whose number was
 * given away again is not taken for ours.
 */
export function membersOf(processGroup: number, claimMark: string): number[] {
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter(
      (pid) =>
        statOf(pid)?.processGroup === processGroup && environmentOf(pid).includes(`${CLAIM_VARIABLE}=${claimMark}`),
    );
}

function bootId(): string {
  return readText("/proc/sys/kernel/random/boot_id").trim();
}

/** Undefined if there is no such process, or only its zombie. */
function statOf(pid: number): { processGroup: number; startTicks: string } | undefined {
  const text = readText(`/proc/${pid}/stat`);
  // the name in parentheses may hold spaces and parentheses
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const [state, , processGroup] = fields;
  if (state === undefined || state === "" || state === "Z" || state === "X") return undefined;
  return { processGroup: Number(processGroup), startTicks: fields[19] ?? "" };
}

function environmentOf(pid: number): string[] {
  return readText(`/proc/${pid}/environ`).split("\0");
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // it has ended, or is not ours to read
    return "";
  }
}
