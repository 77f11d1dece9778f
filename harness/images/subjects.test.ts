import { expect } from "chai";
import type { GoModuleRecipe } from "./recipe.ts";
import { moduleSubject, parseSubject, parseSubjects } from "./subjects.ts";

const recipe: GoModuleRecipe = {
  name: "flannel",
  module: "github.com/flannel-io/flannel",
  version: "v0.28.4",
  raise: { "example.invalid/common": "v1.3.190" },
  cgo: true,
  ldflags: [],
  on: "node",
  changes: ["with some plugins"],
  builds: [],
};
const built = { toolchain: { go: "go1.26.8", arch: "amd64" }, digest: "sha256:1", changes: ["another base"] };

describe("subjects", () => {
  it("of a build tell the toolchain and every change", () => {
    expect(moduleSubject(recipe, built)).to.deep.equal({
      name: "flannel",
      version: "v0.28.4",
      origin: "built here",
      source: "github.com/flannel-io/flannel@v0.28.4",
      digest: "sha256:1",
      changes: [
        "built with go1.26.8 for amd64, with cgo, static",
        "example.invalid/common raised to v1.3.190",
        "with some plugins",
        "another base",
      ],
    });
  });

  it("survive a label, and a label of somebody else does no harm", () => {
    const subject = moduleSubject(recipe, built);
    expect(parseSubject(JSON.stringify(subject))).to.deep.equal(subject);
    expect(parseSubjects(JSON.stringify([subject]))).to.deep.equal([subject]);
    for (const label of [undefined, "", "{", "7", '{"name":"x"}']) expect(parseSubject(label)).to.equal(undefined);
  });
});
