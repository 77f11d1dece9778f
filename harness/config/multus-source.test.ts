import { expect } from "chai";
import { MULTUS_MODULE, parseMultusSource } from "./multus-source.ts";

describe("parseMultusSource", () => {
  const read: readonly (readonly [string, object])[] = [
    ["v4.2.3", { kind: "module", module: MULTUS_MODULE, version: "v4.2.3" }],
    [
      "v4.3.1-0.20260801120000-0123456789ab",
      { kind: "module", module: MULTUS_MODULE, version: "v4.3.1-0.20260801120000-0123456789ab" },
    ],
    ["go:example.com/fork/multus@v1.0.0", { kind: "module", module: "example.com/fork/multus", version: "v1.0.0" }],
    ["./multus-cni", { kind: "checkout", path: "./multus-cni" }],
    ["../multus", { kind: "checkout", path: "../multus" }],
    ["/src/multus", { kind: "checkout", path: "/src/multus" }],
    ["image:registry.example.com:5000/multus:dev", { kind: "image", ref: "registry.example.com:5000/multus:dev" }],
  ];
  for (const [text, source] of read) {
    it(`reads ${text}`, () => expect(parseMultusSource(text)).to.deep.equal({ source }));
  }

  for (const text of [
    "",
    "4.2.3",
    "v4",
    "latest",
    "go:multus@v4.2.3",
    "go:example.com/multus@main",
    "image:",
    "image:a b",
  ]) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      const parsed = parseMultusSource(text);
      expect("problem" in parsed && parsed.problem).to.contain("must be a version such as v4.2.3");
    });
  }
});
