import { expect } from "chai";
import { parseRuntime } from "./oci-runtime.ts";

const DIGEST = "a".repeat(64);

describe("what starts containers on a node", () => {
  it("is told by its own words and its digest", () => {
    expect(parseRuntime(`crun version 1.8.1\n${DIGEST}  /usr/bin/crun\n`)).to.deep.equal({
      name: "crun",
      version: "1.8.1",
      digest: `sha256:${DIGEST}`,
    });
    expect(parseRuntime(`runc version 1.1.5+ds1\n${DIGEST}  /usr/sbin/runc\n`)).to.include({ name: "runc" });
  });

  it("is unknown where it says nothing of itself", () => {
    expect(parseRuntime("")).to.equal(undefined);
    expect(parseRuntime(`usage: runtime\n${DIGEST}  /bin/runtime\n`)).to.equal(undefined);
  });
});
