import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "chai";
import { extract } from "tar-stream";
import { sha256 } from "../core/json.ts";
import { writeTar, type TarEntry } from "./tar-file.ts";

describe("writeTar", () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "plumbline-tar-"));
    await writeFile(path.join(folder, "program"), "x".repeat(100_000));
  });
  after(() => rm(folder, { recursive: true }));

  const entries = (): TarEntry[] => [
    { name: "usr/bin/program", mode: 0o755, file: path.join(folder, "program") },
    { name: "etc/text", mode: 0o644, text: "hello\n" },
    { name: "program", mode: 0o777, linkTo: "/usr/bin/program" },
  ];

  it("writes contents, modes and links, owned by root", async () => {
    const file = path.join(folder, "a.tar");
    await writeTar(file, entries());
    expect(await listing(file)).to.deep.equal([
      "etc/text file 644 0 6 ",
      "program symlink 777 0 0 /usr/bin/program",
      "usr/bin/program file 755 0 100000 ",
    ]);
  });

  it("gives the same bytes for the same content, in whatever order", async () => {
    await writeTar(path.join(folder, "b.tar"), entries());
    await writeTar(path.join(folder, "c.tar"), entries().toReversed());
    const [b, c] = await Promise.all(
      ["b.tar", "c.tar"].map(async (name) => sha256(await readFile(path.join(folder, name)))),
    );
    expect(b).to.equal(c);
  });

  it("fails, and does not hang, if a file is not there", async () => {
    const gone = [{ name: "gone", mode: 0o644, file: path.join(folder, "gone") }];
    const error = await writeTar(path.join(folder, "d.tar"), gone).catch((e: unknown) => e);
    expect(error).to.have.property("code", "ENOENT");
  });
});

async function listing(file: string): Promise<string[]> {
  const lines: string[] = [];
  const reader = extract();
  reader.end(await readFile(file));
  for await (const entry of reader) {
    const { name, type, mode, uid, size, linkname } = entry.header;
    lines.push(`${name} ${type} ${mode.toString(8)} ${uid} ${size} ${linkname ?? ""}`);
    entry.resume();
  }
  return lines;
}
