import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "chai";
import { makeDir } from "./make-dir.ts";

describe("makeDir", () => {
  let base: string;
  beforeEach(() => (base = mkdtempSync(path.join(tmpdir(), "plumbline-dir-"))));
  afterEach(() => rmSync(base, { recursive: true }));

  it("makes all that is missing, and is content with what is there", () => {
    const dir = path.join(base, "a", "b", "c");
    makeDir(dir);
    makeDir(dir);
    expect(statSync(dir).isDirectory()).to.equal(true);
  });

  it("throws for a file in the way", () => {
    writeFileSync(path.join(base, "file"), "");
    expect(() => makeDir(path.join(base, "file"))).to.throw(/EEXIST/);
    expect(() => makeDir(path.join(base, "file", "a", "b"))).to.throw(/ENOTDIR/);
  });

  it("returns where nothing can be made", () => {
    expect(() => makeDir("/proc/plumbline/a/b")).to.throw(/ENOENT/);
  });
});
