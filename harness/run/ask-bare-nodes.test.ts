import { expect } from "chai";
import { loadCaseIndex, type CaseIndexEntry } from "../plan/case-index.ts";
import { loadStack } from "../stack/stack.ts";
import { isForBare, isForBareNodes } from "./ask-bare-nodes.ts";

describe("cases that need nothing but nodes", () => {
  const entry: CaseIndexEntry = {
    id: "CNI-007",
    revision: 1,
    title: "t",
    suite: "s",
    file: "suites/cni/results.suite",
    clauses: ["c"],
    features: ["kernel-bridge", "kernel-veth"],
    faults: [],
    disturbs: "nothing",
    layer: "L0",
    level: "core",
    pods: [],
  };

  it("ask a plugin by itself", () => {
    expect(isForBareNodes(entry)).to.equal(true);
  });

  const others: readonly (readonly [string, Partial<CaseIndexEntry>])[] = [
    ["with pods", { pods: ["a"] }],
    ["of Multus", { layer: "L1" }],
    ["that disturb", { disturbs: "node" }],
    ["that need more than a kernel", { features: ["kernel-bridge", "whereabouts"] }],
    ["of the user's own, which may ask for anything", { file: "/home/me/my.suite.js" }],
  ];
  for (const [what, change] of others) {
    it(`are none ${what}`, () => {
      expect(isForBareNodes({ ...entry, ...change })).to.equal(false);
    });
  }

  it("are those of CNI and of IPAM plugins, as far as these have no pods", () => {
    const ids = loadCaseIndex()
      .cases.filter(isForBareNodes)
      .map(({ id }) => id.replace(/-.*/, ""));
    expect(new Set(ids)).to.deep.equal(new Set(["CNI", "IPM"]));
  });
});

describe("a plugin under test", () => {
  it("is asked on bare nodes unless it needs a cluster, or the stack brings one of its name", () => {
    const flannel = loadStack("flannel-thick");
    expect(isForBare({ name: "my-cni", needsCluster: false }, flannel)).to.equal(true);
    expect(isForBare({ name: "my-cni", needsCluster: true }, flannel)).to.equal(false);
    expect(isForBare({ name: "flannel", needsCluster: false }, flannel)).to.equal(false);
    expect(isForBare({ name: "flannel", needsCluster: false }, loadStack("ptp-thick"))).to.equal(true);
  });
});
