import { expect } from "chai";
import fc from "fast-check";
import { visibleLength, wrapText } from "./wrap-text.ts";

describe("wrapText", () => {
  it("breaks at spaces and indents what follows", () => {
    expect(wrapText("one two three four", { columns: 11, indent: "  " })).to.equal("one two\n  three\n  four");
  });

  it("keeps line ends and never breaks a word", () => {
    expect(wrapText("a\n/very/long/path/of/a/file b", { columns: 10, indent: " " })).to.equal(
      "a\n /very/long/path/of/a/file\n b",
    );
  });

  it("counts no colours", () => {
    expect(visibleLength("\x1b[31mred\x1b[39m")).to.equal(3);
  });

  it("loses no word", () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 5, max: 40 }), (text, columns) => {
        const words = (s: string): string[] => s.split(/[ \n]+/).filter(Boolean);
        expect(words(wrapText(text, { columns, indent: "  " }))).to.deep.equal(words(text));
      }),
    );
  });
});
