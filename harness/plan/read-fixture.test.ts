import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "chai";
import { z } from "zod";
import { loadClauses } from "./clauses.ts";
import { loadFaultIds } from "./load-plan.ts";
import { fixtureFiles, readFixture } from "./read-fixture.ts";

describe("readFixture", () => {
  const dir = mkdtempSync(path.join(tmpdir(), "plumbline-fixture-"));
  after(() => rmSync(dir, { recursive: true }));
  const file = (name: string, text: string): string => {
    mkdirSync(path.dirname(path.join(dir, name)), { recursive: true });
    writeFileSync(path.join(dir, name), text);
    return path.join(dir, name);
  };

  it("names the line of a syntax error", () => {
    const broken = file("broken.yaml", "a: 1\nb: [\n");
    expect(() => readFixture(z.object({}), broken))
      .to.throw(/not valid YAML.*line 3/s)
      .with.property("code", "PL_FIXTURE");
  });

  it("names the place of a wrong value", () => {
    const wrong = file("wrong.yaml", "a: { b: text }\n");
    expect(() => readFixture(z.object({ a: z.object({ b: z.number() }) }), wrong)).to.throw(/a\.b/);
  });

  it("gives no files where there is no folder", () => {
    expect(fixtureFiles(path.join(dir, "absent"))).to.deep.equal([]);
  });

  it("reads the ids of faults in each form of file", () => {
    file("faults/a.yaml", "id: one\nverb: DEL\n");
    file("faults/b.yaml", "- id: two\n- id: three\n");
    file("faults/c.yaml", "faults:\n  - id: four\n");
    expect([...loadFaultIds(path.join(dir, "faults"))]).to.deep.equal(["one", "two", "three", "four"]);
  });

  it("refuses a clause that stands twice", () => {
    const text = (n: number): string =>
      `spec: S\nurl: https://example.org/${n}\nclauses:\n  - { id: C-1, section: "1", level: MUST, addressee: multus, statement: what is demanded of it }\n`;
    file("clauses/a.yaml", text(1));
    file("clauses/b.yaml", text(2));
    expect(() => loadClauses(path.join(dir, "clauses"))).to.throw(/C-1 stands twice/);
  });
});
