import { expect } from "chai";
import { nearestName } from "./nearest-name.ts";

describe("nearestName", () => {
  const known = ["quick", "full", "ATT-001", "ATT-003", "TD-001"];
  const table: [string, string | undefined][] = [
    ["quik", "quick"],
    ["QUICK", "quick"],
    ["att-01", "ATT-001"],
    ["TD-01", "TD-001"],
    ["fulll", "full"],
    ["conformance", undefined],
  ];
  for (const [typed, meant] of table) {
    it(`takes ${typed} for ${String(meant)}`, () => {
      expect(nearestName(typed, known)).to.equal(meant);
    });
  }
});
