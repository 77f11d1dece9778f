import { expect } from "chai";
import { lackingCapabilities } from "./capabilities.ts";

describe("lackingCapabilities", () => {
  it("names the capability that the bounding set lacks", () => {
    expect(lackingCapabilities("CapBnd:\t000001fffeffffff\n", 40)).to.deep.equal(["CAP_SYS_RESOURCE"]);
  });

  it("is empty for a full set, and for a kernel that knows fewer capabilities", () => {
    expect(lackingCapabilities("CapEff:\t0\nCapBnd:\t000001ffffffffff\n", 40)).to.deep.equal([]);
    expect(lackingCapabilities("CapBnd:\t0000003fffffffff\n", 37)).to.deep.equal([]);
  });

  it("claims nothing where the kernel tells nothing", () => {
    expect(lackingCapabilities("Name:\tnode\n", 40)).to.deep.equal([]);
  });
});
