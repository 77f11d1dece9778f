import { expect } from "chai";
import { candidatesOf, chooseSource } from "./choose-source.ts";
import type { ImageSource, SourceKind } from "./image-source.ts";

function source(kind: SourceKind, ok: boolean): ImageSource {
  const never = (): never => {
    throw new Error("not asked for in this test");
  };
  return {
    kind,
    available: async () => ({ ok, reason: `${kind} is ${ok ? "there" : "away"}` }),
    identity: never,
    obtain: never,
  };
}

const all = { registry: source("registry", false), mirror: source("mirror", true), build: source("build", true) };

describe("the choice of an image source", () => {
  it("auto tries a registry, then a mirror, then a build, and tells why", async () => {
    const { source: chosen, reason } = await chooseSource(candidatesOf("auto", all));
    expect(chosen.kind).to.equal("mirror");
    expect(reason).to.equal("mirror: mirror is there; not registry: registry is away");
  });

  it("auto builds where there is no mirror", async () => {
    const { source: chosen } = await chooseSource(candidatesOf("auto", { ...all, mirror: undefined }));
    expect(chosen.kind).to.equal("build");
  });

  it("a named source is the only one tried", async () => {
    const error = await chooseSource(candidatesOf("registry", all)).catch((e: unknown) => e);
    expect(error).to.include({ code: "PL_IMAGE_SOURCE", kind: "host" });
    expect(String(error)).to.contain("registry is away").and.not.to.contain("mirror is");
  });

  it("mirror without a prefix is the user's mistake", () => {
    expect(() => candidatesOf("mirror", { ...all, mirror: undefined }))
      .to.throw()
      .with.property("code", "PL_MIRROR");
  });
});
