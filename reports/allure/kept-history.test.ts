import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "chai";
import { KeptHistory } from "./kept-history.ts";

describe("the history that is kept between runs", () => {
  let dir: string;
  let history: KeptHistory;
  beforeEach(() => {
    dir = mkdtempSync(path.join(tmpdir(), "plumbline-history-"));
    history = new KeptHistory(path.join(dir, "kept"), "allure2");
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  const keep = (order: number, text = String(order)): void => {
    const from = path.join(dir, "from");
    rmSync(from, { recursive: true, force: true });
    mkdirSync(from);
    writeFileSync(path.join(from, "history.json"), text);
    history.keep(order, from);
  };
  const before_ = (order: number): string | undefined => {
    const place = history.before(order);
    return place === undefined ? undefined : readFileSync(path.join(place, "history.json"), "utf8");
  };

  it("is none before the first run", () => {
    expect(history.before(5)).to.equal(undefined);
  });

  it("is what the last run before left, also when a report is made again or late", () => {
    keep(20260101000000);
    keep(20260103000000);
    expect(before_(20260104000000)).to.equal("20260103000000");
    expect(before_(20260103000000)).to.equal("20260101000000");
    expect(before_(20260102000000)).to.equal("20260101000000");
    expect(before_(20260101000000)).to.equal(undefined);
  });

  it("is replaced when a report is made again", () => {
    keep(1);
    keep(1, "again");
    expect(before_(2)).to.equal("again");
  });

  it("does not grow for ever, and numbers are compared as numbers", () => {
    for (const order of [8, 9, 10, 11]) keep(order);
    expect(readdirSync(path.join(dir, "kept", "allure2")).toSorted()).to.deep.equal(["10", "11", "9"]);
  });

  it("is apart for each tool", () => {
    keep(1);
    expect(new KeptHistory(path.join(dir, "kept"), "allure3").before(2)).to.equal(undefined);
  });
});
