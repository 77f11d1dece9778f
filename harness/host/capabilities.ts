import { readFile } from "node:fs/promises";

/** Capabilities by bit number, as the kernel counts them. @source linux/capability.h */
const NAMES = [
  "CHOWN",
  "DAC_OVERRIDE",
  "DAC_READ_SEARCH",
  "FOWNER",
  "FSETID",
  "KILL",
  "SETGID",
  "SETUID",
  "SETPCAP",
  "LINUX_IMMUTABLE",
  "NET_BIND_SERVICE",
  "NET_BROADCAST",
  "NET_ADMIN",
  "NET_RAW",
  "IPC_LOCK",
  "IPC_OWNER",
  "SYS_MODULE",
  "SYS_RAWIO",
  "SYS_CHROOT",
  "SYS_PTRACE",
  "SYS_PACCT",
  "SYS_ADMIN",
  "SYS_BOOT",
  "SYS_NICE",
  "SYS_RESOURCE",
  "SYS_TIME",
  "SYS_TTY_CONFIG",
  "MKNOD",
  "LEASE",
  "AUDIT_WRITE",
  "AUDIT_CONTROL",
  "SETFCAP",
  "MAC_OVERRIDE",
  "MAC_ADMIN",
  "SYSLOG",
  "WAKE_ALARM",
  "BLOCK_SUSPEND",
  "AUDIT_READ",
  "PERFMON",
  "BPF",
  "CHECKPOINT_RESTORE",
] as const;

/**
 * Capabilities that a process can never get here, though the kernel knows them.
 * @param status text of /proc/self/status
 * @param lastCap number of the last capability that the kernel knows
 * @returns names like `CAP_SYS_RESOURCE`; empty if the bounding set is full or not told
 */
export function lackingCapabilities(status: string, lastCap: number): string[] {
  const bounding = /^CapBnd:\s*([0-9a-f]+)$/m.exec(status)?.[1];
  if (bounding === undefined) return [];
  const set = BigInt(`0x${bounding}`);
  const known = NAMES.slice(0, lastCap + 1);
  return known.filter((_, bit) => (set & (1n << BigInt(bit))) === 0n).map((name) => `CAP_${name}`);
}

/** The capabilities that this host withholds from us, and so from every container. */
export async function hostLacksCapabilities(): Promise<string[]> {
  const [status, last] = await Promise.all([
    readFile("/proc/self/status", "utf8").catch(() => ""),
    readFile("/proc/sys/kernel/cap_last_cap", "utf8").catch(() => "40"),
  ]);
  return lackingCapabilities(status, Number(last));
}
