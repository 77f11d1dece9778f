import { expect } from "chai";
import { isLocalUnicastMac, parseMac, sameMac } from "./mac.ts";

describe("MAC addresses", () => {
  it("have one spelling", () => {
    expect(parseMac("02:AB:00:00:00:01")).equal("02:ab:00:00:00:01");
    expect(parseMac("02-ab-00-00-00-01")).equal("02:ab:00:00:00:01");
    expect(sameMac("02:AB:00:00:00:01", "02-ab-00-00-00-01")).equal(true);
    expect(sameMac("", "")).equal(false);
  });

  for (const bad of [
    "",
    "02:ab:00:00:00",
    "02:ab:00:00:00:01:02:03",
    "2:ab:0:0:0:1",
    "02:ab-00:00:00:01",
    "02:ab:00:00:00:0g",
  ]) {
    it(`refuse ${JSON.stringify(bad)}`, () => expect(parseMac(bad)).equal(undefined));
  }

  it("tell what may be assigned by hand", () => {
    expect(isLocalUnicastMac("02:00:00:00:00:01")).equal(true);
    expect(isLocalUnicastMac("00:00:00:00:00:01")).equal(false);
    expect(isLocalUnicastMac("03:00:00:00:00:01")).equal(false);
    expect(isLocalUnicastMac("nonsense")).equal(false);
  });
});
