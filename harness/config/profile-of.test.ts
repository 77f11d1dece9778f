import { expect } from "chai";
import { profileOf } from "./profile-of.ts";
import { configSchema } from "./schema.ts";

describe("the profile of a run", () => {
  const of = (config: Record<string, unknown>): string => profileOf(configSchema.parse(config));

  it("is a first look, unless something says which", () => {
    expect(of({})).to.equal("quick");
    expect(of({ profile: "CNI" })).to.equal("CNI");
  });

  it("is all cases, where these are chosen by what they are", () => {
    expect(of({ layers: ["L0"] })).to.equal("full");
    expect(of({ features: ["whereabouts"] })).to.equal("full");
    expect(of({ grep: "status" })).to.equal("full");
    expect(of({ grep: "status", profile: "quick" })).to.equal("quick");
  });
});
