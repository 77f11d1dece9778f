import { expect } from "chai";
import { PlumblineError } from "../core/errors.ts";
import { mergeConfig } from "./merge-config.ts";
import { defaultConfig } from "./schema.ts";

describe("mergeConfig", () => {
  const file = {
    ...defaultConfig,
    stack: "flannel-thin",
    cases: ["A"],
    keep: true,
    timeouts: { podReadyMs: 5_000, teardownMs: 6_000 },
  };

  it("lets the command line win, key by key", () => {
    const merged = mergeConfig(file, {
      stack: "ptp-thin",
      cases: ["B"],
      keep: false,
      lanes: undefined,
      timeouts: { podReadyMs: 7_000, teardownMs: undefined },
    });
    expect(merged).deep.equal({
      ...file,
      stack: "ptp-thin",
      cases: ["B"],
      keep: false,
      timeouts: { podReadyMs: 7_000, teardownMs: 6_000 },
    });
    expect(mergeConfig(file, {})).deep.equal(file);
  });

  it("checks the whole again", () => {
    expect(() => mergeConfig(file, { lanes: 0 }))
      .throw(PlumblineError, "lanes must be at least 1, not 0")
      .include({ kind: "usage" });
    expect(() => mergeConfig(file, { images: { source: "mirror" } })).throw("needs the key images.mirror");
    expect(mergeConfig(file, { images: { source: "mirror", mirror: "m" } }).images).deep.equal({
      source: "mirror",
      mirror: "m",
    });
  });
});
