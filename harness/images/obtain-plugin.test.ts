import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "chai";
import { PlumblineError } from "../core/errors.ts";
import { silentProgress } from "../core/ports.ts";
import { readExecutable } from "./executable-file.ts";
import { obtainPlugin, type PluginBinary } from "./obtain-plugin.ts";

/** The beginning of an ELF program: 64 bits, little endian, with one program header that names a loader. */
function elf({ machine, loader }: { readonly machine: number; readonly loader?: string }): Buffer {
  const bytes = Buffer.alloc(256);
  bytes.write("\u007fELF\u0002\u0001\u0001", 0, "latin1");
  bytes.writeUInt16LE(2, 16);
  bytes.writeUInt16LE(machine, 18);
  bytes.writeBigUInt64LE(64n, 32);
  bytes.writeUInt16LE(56, 54);
  bytes.writeUInt16LE(loader === undefined ? 0 : 1, 56);
  if (loader !== undefined) {
    bytes.writeUInt32LE(3, 64);
    bytes.writeBigUInt64LE(128n, 72);
    bytes.writeBigUInt64LE(BigInt(loader.length + 1), 96);
    bytes.write(`${loader}\0`, 128);
  }
  return bytes;
}

describe("what a file is made for", () => {
  it("is read out of its headers", () => {
    expect(readExecutable(elf({ machine: 183 }))).to.deep.equal({ arch: "arm64", interpreter: undefined });
    const loader = "/lib64/ld-linux-x86-64.so.2";
    expect(readExecutable(elf({ machine: 62, loader }))).to.deep.equal({ arch: "amd64", interpreter: loader });
    expect(readExecutable(Buffer.from("#! /bin/sh -e\n"))).to.deep.equal({ arch: undefined, interpreter: "/bin/sh" });
    const real = readExecutable(readFileSync(process.execPath));
    expect(real?.arch).to.equal({ x64: "amd64" }[process.arch as string] ?? process.arch);
  });

  it("is nothing where there is no header, or half of one", () => {
    for (const text of ["", "!<arch>\n", "\u007fELF", "#!sh\n"]) {
      expect(readExecutable(Buffer.from(text, "latin1")), text).to.equal(undefined);
    }
  });
});

describe("a local plugin", () => {
  let dir = "";
  before(() => {
    dir = mkdtempSync(path.join(tmpdir(), "plumbline-plugin-"));
  });
  after(() => rmSync(dir, { recursive: true }));

  const obtain = async (
    name: string,
    content?: string | Buffer,
    { mode = 0o755, areNodesHere = true } = {},
  ): Promise<PluginBinary> => {
    const file = path.join(dir, name);
    if (content !== undefined) {
      writeFileSync(file, content);
      chmodSync(file, mode);
    }
    const plugin = { name, source: { kind: "file", path: file }, sourceText: file } as const;
    return obtainPlugin(plugin, { progress: silentProgress, signal: new AbortController().signal, areNodesHere });
  };
  const refusal = async (...given: Parameters<typeof obtain>): Promise<string> => {
    try {
      await obtain(...given);
    } catch (error) {
      if (error instanceof PlumblineError) return `${error.code} ${error.kind} ${error.message}`;
      throw error;
    }
    return expect.fail("it was taken");
  };

  it("is taken as it is, and told in the record", async () => {
    const { subject, interpreter, sha256 } = await obtain("mine", "#!/bin/sh\necho\n");
    expect(interpreter).to.equal("/bin/sh");
    expect(subject).to.deep.include({ name: "mine", role: "under test", origin: "given", digest: `sha256:${sha256}` });
  });

  it("is refused by what is wrong with it", async () => {
    const other = process.arch === "arm64" ? 62 : 183;
    expect(await refusal("absent")).to.match(/^PL_PLUGIN_FILE usage .*absent cannot be read/);
    expect(await refusal("text", "hello")).to.match(/^PL_PLUGIN_FILE usage .*text is no program/);
    expect(await refusal("plain", "#!/bin/sh\n", { mode: 0o644 })).to.match(
      /^PL_PLUGIN_FILE usage .*plain is not executable/,
    );
    expect(await refusal("foreign", elf({ machine: other }))).to.match(/^PL_PLUGIN_ARCH usage .*is built for/);
    const elsewhere = await obtain("foreign", elf({ machine: other }), { areNodesHere: false });
    expect(elsewhere.arch, "nodes of another host").to.equal(other === 62 ? "amd64" : "arm64");
    expect(await refusal(".")).to.match(/^PL_PLUGIN_FILE usage .* is no file/);
  });
});
