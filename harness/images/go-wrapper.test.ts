import { expect } from "chai";
import { directives, mainPackage, wrapperGoMod } from "./go-wrapper.ts";
import type { GoModuleRecipe } from "./recipe.ts";

const GO_MOD = `module k8s.io/kubernetes

go 1.24.0

godebug default=go1.24

require (
	example.invalid/a v1.0.0
	k8s.io/api v0.0.0
)

replace (
	k8s.io/api => ./staging/src/k8s.io/api
	k8s.io/sample => ./staging/src/k8s.io/sample
	example.invalid/old => example.invalid/new v1.2.3 // kept
)

replace example.invalid/x v1.0.0 => example.invalid/x v0.9.0
`;

const recipe: GoModuleRecipe = {
  name: "kubernetes",
  module: "k8s.io/kubernetes",
  version: "v1.34.4",
  folderReplacements: "v0.34.4",
  raise: { "example.invalid/gone": "v1.3.0" },
  cgo: false,
  ldflags: [],
  on: "node",
  changes: [],
  builds: [{ name: "kubelet", packages: { kubelet: "k8s.io/kubernetes/cmd/kubelet" }, flags: [] }],
};

describe("wrapperGoMod", () => {
  it("repeats what Go would honour in the main module alone", () => {
    expect(wrapperGoMod(recipe, GO_MOD).trim().split("\n")).to.deep.equal([
      "module plumbline.invalid/build/kubernetes",
      "go 1.24.0",
      "godebug default=go1.24",
      "require k8s.io/kubernetes v1.34.4",
      "require example.invalid/gone v1.3.0",
      "require k8s.io/api v0.34.4",
      "replace k8s.io/api => k8s.io/api v0.34.4",
      "replace k8s.io/sample => k8s.io/sample v0.34.4",
      "replace example.invalid/old => example.invalid/new v1.2.3",
      "replace example.invalid/x v1.0.0 => example.invalid/x v0.9.0",
    ]);
  });
});

describe("wrapperGoMod without a version for folders", () => {
  it("leaves folders out: what is required is published", () => {
    const { folderReplacements: _, ...plain } = recipe;
    const lines = wrapperGoMod(plain, GO_MOD).split("\n");
    expect(lines.filter((line) => line.includes("k8s.io/api"))).to.deep.equal([]);
    expect(lines).to.include("replace example.invalid/x v1.0.0 => example.invalid/x v0.9.0");
  });
});

describe("mainPackage", () => {
  it("calls Run of one package and links the others in", () => {
    const text = mainPackage({
      run: "example.org/a/coremain",
      imports: ["example.org/a/plugin/b", "example.org/a/plugin/c"],
    });
    expect(text.split("\n")).to.deep.equal([
      "package main",
      "",
      "import (",
      '\trun "example.org/a/coremain"',
      '\t_ "example.org/a/plugin/b"',
      '\t_ "example.org/a/plugin/c"',
      ")",
      "",
      "func main() { run.Run() }",
      "",
    ]);
  });
});

describe("directives", () => {
  it("does not take a longer word, or a comment, for the directive", () => {
    expect(directives("go 1.25\ngodebug (\n\tx=1\n)\n// replace a => b\n", "go")).to.deep.equal(["1.25"]);
    expect(directives("godebug (\n\tx=1\n)\n// replace a => b\n", "replace")).to.deep.equal([]);
  });
});
