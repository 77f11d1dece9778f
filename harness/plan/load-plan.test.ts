import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "chai";
import { loadClauses } from "./clauses.ts";
import { loadFaultIds } from "./load-plan.ts";

describe("the data of the plan", () => {
  const dir = mkdtempSync(path.join(tmpdir(), "plumbline-plan-"));
  after(() => rmSync(dir, { recursive: true }));
  const file = (name: string, text: string): void => {
    mkdirSync(path.dirname(path.join(dir, name)), { recursive: true });
    writeFileSync(path.join(dir, name), text);
  };

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
