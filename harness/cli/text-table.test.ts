import { expect } from "chai";
import { textTable } from "./text-table.ts";

describe("textTable", () => {
  it("aligns columns without counting colours and leaves no space at the end", () => {
    const rows = [
      ["\x1b[1mATT-003\x1b[22m", "x", "a title"],
      ["D-1", "longer", "b"],
    ];
    expect(textTable(rows, "  ")).to.equal("  \x1b[1mATT-003\x1b[22m  x       a title\n  D-1      longer  b");
  });
});
