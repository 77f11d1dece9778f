import { expect } from "chai";
import { toolchainOf } from "./toolchain.ts";

const host = { go: "go1.26.8", arch: "amd64" };

describe("toolchainOf", () => {
  it("is this host's where a recipe asks for no other", () => {
    expect(toolchainOf(host, undefined)).to.equal(host);
    expect(toolchainOf(host, "go1.26.8")).to.equal(host);
  });

  it("is the one that a recipe asks for, for this host's architecture, and to be fetched", () => {
    expect(toolchainOf(host, "go1.23.12")).to.deep.equal({ go: "go1.23.12", arch: "amd64", isFetched: true });
  });
});
