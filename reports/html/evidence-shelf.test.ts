import { rmSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect } from "chai";
import { EvidenceShelf, type EmbedLimits } from "./evidence-shelf.ts";
import { recordDir } from "./record.test-support.ts";

describe("evidence in the page", () => {
  const lines = Array.from({ length: 1000 }, (_, i) => `line ${i}`).join("\n");
  let dir: string;
  before(() => {
    dir = recordDir({
      "evidence/A/failure.txt": "</pre><script>x</script>\n",
      "evidence/A/node/long.log": lines,
      "evidence/A/100% #1.json": "{}",
      "evidence/A/capture.pcap": new Uint8Array([0xd4, 0xc3, 0, 0]),
      "secret.txt": "a secret",
    });
    symlinkSync(path.join(dir, "secret.txt"), path.join(dir, "evidence/A/link.txt"));
  });
  after(() => rmSync(dir, { recursive: true }));

  const block = (files: readonly string[], limits?: EmbedLimits): string =>
    new EvidenceShelf({ dir, recordDir: "." }, limits).block(files)?.text ?? "";

  it("stands there as text, with a link to the file", () => {
    expect(block(["evidence/A/failure.txt"]))
      .to.contain("&lt;/pre&gt;&lt;script&gt;x&lt;/script&gt;\n</pre>")
      .and.to.contain('<a href="evidence/A/failure.txt">');
  });

  it("keeps the beginning and the end of what is long, in whole lines, and says so", () => {
    const text = block(["evidence/A/node/long.log"], { fileBytes: 200, pageBytes: 10_000 });
    expect(text)
      .to.match(/>\nline 0\nline 1\n/)
      .and.to.match(/\nline 998\nline 999<\/pre>/);
    expect(text)
      .to.match(/of the middle left out/)
      .and.to.match(/The whole file beside this page/);
    const shown = text.match(/^line \d+(?=\n|<)/gm) ?? [];
    expect(shown.length, "lines").to.be.greaterThan(10);
    expect(
      shown.every((line) => lines.split("\n").includes(line)),
      "no line is cut",
    ).to.equal(true);
  });

  it("stops when the page has enough, and then links", () => {
    const text = block(["evidence/A/failure.txt", "evidence/A/node/long.log"], { fileBytes: 200, pageBytes: 100 });
    expect(text).to.contain("&lt;/pre&gt;").and.not.to.contain("line 0");
    expect(text).to.match(/<a href="evidence\/A\/node\/long\.log">.*only beside this page: the page holds 100 B/);
  });

  it("stands there once, whoever names it", () => {
    const shelf = new EvidenceShelf({ dir, recordDir: "." });
    const [first, second] = [shelf.block(["evidence/A/failure.txt"]), shelf.block(["evidence/A/failure.txt"])];
    expect(first?.text).to.contain('<details id="evidence-1">');
    expect(second?.text).to.contain('<a href="#evidence-1">').and.not.to.contain("<pre");
  });

  it("is linked to by a name that a browser takes for a name", () => {
    expect(block(["evidence/A/100% #1.json"])).to.contain('href="evidence/A/100%25%20%231.json"');
  });

  it("is only linked to if it is no text", () => {
    expect(block(["evidence/A/capture.pcap"])).to.match(/<a href=.*4 B; only beside this page: not text/);
  });

  it("is nothing from outside the evidence folder, whatever a record names", () => {
    writeFileSync(path.join(dir, "..", path.basename(dir) + ".txt"), "a secret");
    for (const file of [
      "secret.txt",
      "evidence/../secret.txt",
      "evidence/A/link.txt",
      "/etc/hostname",
      `../${path.basename(dir)}.txt`,
    ])
      expect(block([file]), file)
        .to.contain("the file is not there")
        .and.not.to.contain("secret</pre>");
    rmSync(path.join(dir, "..", path.basename(dir) + ".txt"));
  });

  it("that is lost is told as lost", () => {
    expect(block(["evidence/A/nowhere.txt"])).to.contain("A/nowhere.txt <small>the file is not there");
  });
});
