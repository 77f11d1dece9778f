import { expect } from "chai";
import { goConstant } from "./go-constant.ts";

const SOURCE = [
  "package nodeimage",
  "",
  'const image = "example.com/net:v1\\t"',
  "const manifest = `kind: A",
  "image: ` + image + `",
  "---",
  "`",
  "",
  "var others = []string{image}",
  "const number = 7",
  "",
].join("\n");

describe("goConstant", () => {
  it("puts a manifest together from its parts", () => {
    expect(goConstant(SOURCE, "manifest")).to.equal("kind: A\nimage: example.com/net:v1\t\n---\n");
    expect(goConstant(SOURCE, "image")).to.equal("example.com/net:v1\t");
  });

  it("knows what is no string constant", () => {
    for (const name of ["others", "number", "missing"]) expect(goConstant(SOURCE, name), name).to.equal(undefined);
  });
});
