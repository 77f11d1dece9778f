import { expect } from "chai";
import { applyJsonPatch, valueAt } from "./json-patch.ts";

describe("applyJsonPatch", () => {
  const document = { a: { "x/y": 1 }, list: [1, 2] };

  it("adds, replaces, removes and leaves the original alone", () => {
    const patched = applyJsonPatch(document, [
      { op: "test", path: "/list", value: [1, 2] },
      { op: "add", path: "/list/-", value: 3 },
      { op: "add", path: "/list/0", value: 0 },
      { op: "replace", path: "/a/x~1y", value: 2 },
      { op: "add", path: "/b", value: {} },
      { op: "remove", path: "/list/1" },
    ]);
    expect(patched).to.deep.equal({ a: { "x/y": 2 }, list: [0, 2, 3], b: {} });
    expect(document).to.deep.equal({ a: { "x/y": 1 }, list: [1, 2] });
  });

  it("refuses what is not as expected", () => {
    expect(() => applyJsonPatch(document, [{ op: "replace", path: "/nothing", value: 1 }])).to.throw(
      "replace /nothing",
    );
    expect(() => applyJsonPatch(document, [{ op: "remove", path: "/list/9" }])).to.throw("remove /list/9");
    expect(() => applyJsonPatch(document, [{ op: "add", path: "/list/9", value: 1 }])).to.throw("9 is no place");
    expect(() => applyJsonPatch(document, [{ op: "add", path: "/n/m", value: 1 }])).to.throw("add /n/m");
    expect(() => applyJsonPatch(document, [{ op: "test", path: "/list/0", value: 7 }])).to.throw("it is 1, not 7");
  });

  it("finds the value at a pointer", () => {
    expect(valueAt(document, "/a/x~1y")).to.equal(1);
    expect(valueAt(document, "/a/z/z")).to.equal(undefined);
  });
});
