import { expect } from "chai";
import { nearestName } from "./nearest-name.ts";

describe("nearestName", () => {
  it("finds what was meant", () => {
    expect(nearestName("profil", ["stack", "profile"])).equal("profile");
    expect(nearestName("IPFAMILY", ["ipFamily"])).equal("ipFamily");
    expect(nearestName("keap", ["reuse", "keep"])).equal("keep");
  });

  it("stays silent where nothing is near", () => {
    expect(nearestName("zzzzzz", ["stack", "profile"])).equal(undefined);
    expect(nearestName("x", [])).equal(undefined);
  });
});
