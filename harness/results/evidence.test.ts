import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "chai";
import { EVIDENCE_CAP_BYTES, EvidenceStore } from "./evidence.ts";

describe("EvidenceStore", () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(path.join(tmpdir(), "plumbline-evidence-"));
  });
  afterEach(() => rmSync(dir, { recursive: true }));
  const read = (relative: string | undefined): string => readFileSync(path.join(dir, relative ?? "?"), "utf8");

  it("writes files under the name of the failure and tells their paths", () => {
    const evidence = new EvidenceStore(dir).failure("ATT-003");
    const first = evidence.write("cni/add.json", "{}");
    const second = evidence.writeJson("state.json", { links: [] });
    expect([first, second]).to.deep.equal(["evidence/ATT-003/cni/add.json", "evidence/ATT-003/state.json"]);
    expect(evidence.paths).to.deep.equal([first, second]);
    expect(read(second)).to.equal('{\n  "links": []\n}\n');
  });

  it("never overwrites and never leaves its folder", () => {
    const evidence = new EvidenceStore(dir).failure("../../ATT-003");
    expect(evidence.write("log.txt", "1")).to.equal("evidence/__.._ATT-003/log.txt");
    expect(evidence.write("log.txt", "2")).to.equal("evidence/__.._ATT-003/log-2.txt");
    expect(evidence.write("../../../etc/passwd", "3")).to.match(/^evidence\/__\.\._ATT-003\/_.*etc\/passwd$/);
    expect(read("evidence/__.._ATT-003/log.txt")).to.equal("1");
  });

  it("takes secrets out of text, JSON and captures before they touch the disk", () => {
    const evidence = new EvidenceStore(dir).failure("X");
    const line = "Authorization: Bearer pLaNtEd0123456789";
    for (const path_ of [
      evidence.write("a", line),
      evidence.writeJson("b", { line }),
      evidence.write("c", Buffer.from(line)),
    ]) {
      expect(read(path_)).not.to.contain("pLaNtEd");
    }
  });

  it("keeps beginning and end of a text that is too long", () => {
    const evidence = new EvidenceStore(dir, { capBytes: 1_000 }).failure("X");
    const written = read(evidence.write("log", `begin${"-".repeat(5_000)}end`));
    expect(written.length).to.be.at.most(1_000);
    expect(written).to.match(/^begin-+\n\[\.\.\. 4008 bytes .*left out.*\]\n-+end$/);
  });

  it("keeps one failure under the cap, whatever is written, and says what did not fit", () => {
    const evidence = new EvidenceStore(dir, { capBytes: 1_000 }).failure("X");
    expect(evidence.write("capture", new Uint8Array(900))).to.be.a("string");
    expect(evidence.write("log", "x".repeat(500))).to.be.a("string");
    expect(evidence.write("more", "x".repeat(500))).to.equal(undefined);
    const sizes = evidence.paths.map((file) => statSync(path.join(dir, file)).size);
    expect(sizes.reduce((a, b) => a + b, 0)).to.be.at.most(1_000);
    expect(evidence.paths).to.have.length(2);
  });

  it("gives each failure its own cap of five megabytes", () => {
    const store = new EvidenceStore(dir);
    for (const name of ["A", "B"]) {
      const file = store.failure(name).write("capture", new Uint8Array(6_000_000));
      expect(statSync(path.join(dir, file ?? "?")).size).to.equal(EVIDENCE_CAP_BYTES);
    }
  });
});
