/** A file that Linux can start. */
export interface ExecutableFile {
  /** As Go names it, e.g. `amd64`; undefined for a script, which fits any. */
  readonly arch: string | undefined;
  /** Path of the dynamic loader, or of a script's interpreter; undefined for a static program. */
  readonly interpreter: string | undefined;
}

const ELF = Buffer.from("\u007fELF", "latin1");
const PT_INTERP = 3;
const ET_EXEC = 2;
const ET_DYN = 3;

/** e_machine by Go's name, of 64-bit machines that Kubernetes runs on. @source ELF gABI, e_machine */
const MACHINES = new Map([
  [62, "amd64"],
  [183, "arm64"],
  [21, "ppc64le"],
  [22, "s390x"],
  [243, "riscv64"],
]);

/**
 * Reads what a file is made for out of its first bytes.
 * @returns undefined if it is neither an ELF program nor a script with an interpreter
 * @source ELF-64 object file format; execve(2) for scripts
 */
export function readExecutable(content: Uint8Array): ExecutableFile | undefined {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  if (bytes.subarray(0, 2).toString("latin1") === "#!") return scriptOf(bytes);
  return bytes.length >= 64 && bytes.subarray(0, 4).equals(ELF) ? programOf(bytes) : undefined;
}

function scriptOf(bytes: Buffer): ExecutableFile | undefined {
  const [line = ""] = bytes.subarray(2, 256).toString("utf8").split("\n");
  const interpreter = /^\s*(\/\S+)/.exec(line)?.[1];
  return interpreter === undefined ? undefined : { arch: undefined, interpreter };
}

function programOf(bytes: Buffer): ExecutableFile | undefined {
  const [is64, isLittle] = [bytes[4] === 2, bytes[5] === 1];
  const u16 = (at: number): number => (isLittle ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at));
  const machine = u16(18);
  if (![ET_EXEC, ET_DYN].includes(u16(16))) return undefined;
  if (!is64) return { arch: `a 32-bit machine (${machine})`, interpreter: undefined };
  const known = MACHINES.get(machine);
  const arch = known === "ppc64le" && !isLittle ? "ppc64" : (known ?? `machine ${machine}`);
  return { arch, interpreter: loaderOf(bytes, { isLittle, u16 }) };
}

interface Read {
  readonly isLittle: boolean;
  readonly u16: (at: number) => number;
}

/** Out of the program headers: e_phoff, e_phentsize, e_phnum; p_type, p_offset, p_filesz. */
function loaderOf(bytes: Buffer, { isLittle, u16 }: Read): string | undefined {
  const u64 = (at: number): number => Number(isLittle ? bytes.readBigUInt64LE(at) : bytes.readBigUInt64BE(at));
  const [table, size, count] = [u64(32), u16(54), u16(56)];
  for (let i = 0; i < count; i++) {
    const header = table + i * size;
    if (header + 56 > bytes.length) return undefined;
    const type = isLittle ? bytes.readUInt32LE(header) : bytes.readUInt32BE(header);
    if (type !== PT_INTERP) continue;
    const [offset, length] = [u64(header + 8), u64(header + 32)];
    return bytes
      .subarray(offset, offset + length)
      .toString("utf8")
      .replace(/\0.*$/s, "");
  }
  return undefined;
}
