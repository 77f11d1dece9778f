import { expect } from "chai";
import { reasonToLeave } from "./collect-garbage.ts";
import type { ClusterInfo } from "./list-clusters.ts";

describe("what gc leaves alone", () => {
  const left = { heldBy: undefined, state: "running", keep: false, nodes: [{}, {}] } as const;
  const rows: readonly (readonly [string, Partial<Pick<ClusterInfo, "heldBy" | "state" | "keep">>, RegExp])[] = [
    ["a cluster that a living process works with", { heldBy: 12 }, /process 12/],
    ["one that is kept and held", { heldBy: 12, keep: true }, /process 12/],
    ["one of kind that is not ours, whatever its claim says", { state: "foreign" }, /not ours/],
    ["one that is kept", { keep: true }, /^it is kept$/],
    ["one that is kept and lacks a node", { keep: true, state: "partial" }, /^it is kept$/],
    ["one that is kept and was stopped", { keep: true, state: "remains" }, /kept, and does not run/],
  ];
  for (const [what, change, reason] of rows) {
    it(`is ${what}`, () => {
      expect(reasonToLeave({ ...left, ...change })).to.match(reason);
    });
  }

  it("is nothing that a killed run left, nor what of a kept cluster has no node any more", () => {
    expect(reasonToLeave(left)).to.equal(undefined);
    expect(reasonToLeave({ ...left, state: "remains" })).to.equal(undefined);
    expect(reasonToLeave({ ...left, keep: true, state: "remains", nodes: [] })).to.equal(undefined);
  });
});
