import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "chai";
import { PROOF_FILE, seenProof } from "./seen-proof.ts";

describe("seenProof", () => {
  const suite = { suiteDigest: "sha256:1", stack: "ptp-thick" };
  const results = [
    { fault: "a", proven: true, acted: true, problems: [], noticedBy: ["ATT-001"] },
    { fault: "b", proven: false, acted: true, problems: ["TD-001 did not notice"], noticedBy: [] },
  ];
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(path.join(tmpdir(), "plumbline-proof-"));
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  const write = (text: string): void => writeFileSync(path.join(dir, PROOF_FILE), text);

  it("tells what was proven of the same suite on the same stack", () => {
    write(JSON.stringify({ ...suite, results }));
    expect(seenProof(dir, suite)).to.deep.equal({ ...suite, proven: ["a"], notProven: ["b"] });
  });

  it("takes no word of another suite or stack", () => {
    write(JSON.stringify({ ...suite, results }));
    expect(seenProof(dir, { ...suite, suiteDigest: "sha256:2" })).to.equal(undefined);
    expect(seenProof(dir, { ...suite, stack: "ptp-thin" })).to.equal(undefined);
  });

  for (const [what, text] of [
    ["is cut off", '{"suiteDigest":'],
    ["is of another form", '{"results": 1}'],
  ] as const) {
    it(`knows nothing from a file that ${what}`, () => {
      write(text);
      expect(seenProof(dir, suite)).to.equal(undefined);
    });
  }

  it("knows nothing without a file", () => {
    expect(seenProof(dir, suite)).to.equal(undefined);
  });
});
