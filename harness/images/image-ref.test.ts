import { expect } from "chai";
import { fullReference, mirroredRef, registriesOf } from "./image-ref.ts";

describe("image references", () => {
  it("are completed with the registry that Docker lets one leave out", () => {
    expect(fullReference("plumbline/test:1")).to.equal("docker.io/plumbline/test:1");
    expect(fullReference("debian:12")).to.equal("docker.io/library/debian:12");
    expect(fullReference("a.example/x/y:v1")).to.equal("a.example/x/y:v1");
    expect(fullReference("localhost:5000/x:v1")).to.equal("localhost:5000/x:v1");
  });

  it("are found in a mirror under their path", () => {
    expect(mirroredRef("docker.io/kindest/node:v1", "127.0.0.1:5000")).to.equal("127.0.0.1:5000/kindest/node:v1");
    expect(mirroredRef("a.example/x/y:v1-thick", "m.example/deep/er/")).to.equal("m.example/deep/er/x/y:v1-thick");
  });

  it("name each registry once", () => {
    expect(registriesOf(["a.example/x:1", "kindest/node:1", "a.example/y:2"])).to.deep.equal([
      "a.example",
      "docker.io",
    ]);
  });
});
