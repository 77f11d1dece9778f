import { expect } from "chai";
import { nameOfSource, parsePluginSource } from "./plugin-source.ts";

function named(text: string): string {
  const parsed = parsePluginSource(text);
  return "source" in parsed ? nameOfSource(parsed.source) : expect.fail(parsed.problem);
}

describe("the source of a plugin", () => {
  it("is a path, a package of a Go module, or a file of an image", () => {
    expect(parsePluginSource("./bin/my-cni")).to.deep.equal({ source: { kind: "file", path: "./bin/my-cni" } });
    expect(parsePluginSource("go:example.com/x/my-cni@v1.2.3#cmd/plugin")).to.deep.equal({
      source: {
        kind: "go",
        module: "example.com/x/my-cni",
        version: "v1.2.3",
        package: "example.com/x/my-cni/cmd/plugin",
      },
    });
    expect(parsePluginSource("image:localhost:5000/x/my-cni:v1@sha256:00#/opt/my-cni")).to.deep.equal({
      source: { kind: "image", ref: "localhost:5000/x/my-cni:v1@sha256:00", path: "/opt/my-cni" },
    });
  });

  it("gives the plugin its name", () => {
    expect(named("../out/my-cni")).to.equal("my-cni");
    expect(named("go:example.com/x/my-cni@v1.2.3")).to.equal("my-cni");
    expect(named("go:example.com/x/my-cni/v2@v2.0.0-rc.1")).to.equal("my-cni");
    expect(named("go:example.com/x/my-cni@v1.2.3#cmd")).to.equal("my-cni");
    expect(named("go:example.com/x/plugins@v1.2.3#cmd/other")).to.equal("other");
    expect(named("image:x/y#/opt/cni/bin/z")).to.equal("z");
  });

  it("is refused by what it lacks", () => {
    for (const [text, problem] of [
      ["go:example.com/x", "must name a version such as v1.2.3"],
      ["go:example.com/x@latest", "must name a version such as v1.2.3"],
      ["go:x@v1.0.0", "must be go:MODULE@VERSION"],
      ["go:example.com/x@v1.0.0#/y", "must name a folder after #"],
      ["image:x/y", "absolute path"],
      ["image:x/y#bin", "absolute path"],
      ["image:x/y#/", "absolute path"],
      ["git:x", "neither go: nor image:"],
    ] as const) {
      const parsed = parsePluginSource(text);
      expect("problem" in parsed ? parsed.problem : "none", text).to.contain(problem);
    }
  });
});
