import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "chai";
import { loadCaseIndex, makeCaseIndex, type CaseIndexEntry } from "./case-index.ts";

function entry(id: string, more: Partial<CaseIndexEntry> = {}): CaseIndexEntry {
  return {
    id,
    revision: 1,
    title: `what ${id} is about`,
    suite: "Attachments",
    file: "suites/attachments/basic.suite",
    clauses: ["NPWG-5-status-list"],
    features: [],
    faults: ["drop-del"],
    disturbs: "nothing",
    layer: "L1",
    level: "core",
    pods: [],
    ...more,
  };
}

describe("the case index", () => {
  const dir = mkdtempSync(path.join(tmpdir(), "plumbline-index-"));
  after(() => rmSync(dir, { recursive: true }));

  it("is sorted by id and survives being written and read", () => {
    const index = makeCaseIndex([entry("TD-001"), entry("ATT-001")], new Map([["a", "text"]]));
    expect(index.cases.map(({ id }) => id)).to.deep.equal(["ATT-001", "TD-001"]);
    const file = path.join(dir, "index.json");
    writeFileSync(file, JSON.stringify(index));
    expect(loadCaseIndex(file)).to.deep.equal(index);
  });

  it("has a digest that depends on the sources and not on their order", () => {
    const digest = (sources: [string, string][]): string => makeCaseIndex([], new Map(sources)).suiteDigest;
    const same: [string, string][] = [
      ["a", "1"],
      ["b", "2"],
    ];
    expect(digest(same)).to.equal(digest(same.toReversed()));
    expect(digest(same)).not.to.equal(digest([["a", "1"]]));
    expect(digest([["a", "1"]])).not.to.equal(digest([["a", "2"]]));
  });

  it("refuses two cases with one id, naming both files", () => {
    const second = entry("ATT-001", { file: "suites/ipam/other.suite" });
    expect(() => makeCaseIndex([entry("ATT-001"), second], new Map())).to.throw(
      /ATT-001.*suites\/attachments\/basic\.suite.*suites\/ipam\/other\.suite/,
    );
  });

  it("refuses a malformed entry with the place in it", () => {
    expect(() => makeCaseIndex([entry("ATT-001", { clauses: [] })], new Map())).to.throw(/cases\[0\]\.clauses/);
  });

  it("says what to do where there is none", () => {
    expect(() => loadCaseIndex(path.join(dir, "absent.json")))
      .to.throw(/does not exist/)
      .with.property("hint", "run `npm run generate`");
  });
});
