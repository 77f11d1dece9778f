import { expect } from "chai";
import { fitMarkdown } from "./step-summary.ts";

describe("what goes to the summary of a job", () => {
  const page = Array.from({ length: 100 }, (_, i) => `line ${i} ✅\n`).join("");

  it("is all of it where there is room", () => {
    expect(fitMarkdown(page, Buffer.byteLength(page))).to.equal(page);
  });

  it("is cut at the end of a line, and says so", () => {
    for (const room of [200, 201, 202, 203, 500]) {
      const cut = fitMarkdown(page, room);
      expect(Buffer.byteLength(cut))
        .to.be.at.most(room)
        .and.at.least(room - 40);
      expect(cut).to.match(/^(?:line \d+ ✅\n)*line \d+ ✅\n\n\*The rest/);
    }
  });

  it("is nothing where there is no room", () => {
    for (const room of [-5, 0, 10, 80]) expect(fitMarkdown(page, room)).to.equal("");
  });
});
