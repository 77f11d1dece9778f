import { expect } from "chai";
import { durationText } from "./duration-text.ts";

describe("durationText", () => {
  for (const [ms, text] of [
    [0, "0.0s"],
    [12_345, "12.3s"],
    [59_949, "59.9s"],
    [59_950, "1m 00s"],
    [125_000, "2m 05s"],
    [3_599_400, "59m 59s"],
    [3_720_000, "1h 02m"],
  ] as const) {
    it(`says ${text} for ${ms} ms`, () => expect(durationText(ms)).to.equal(text));
  }
});
