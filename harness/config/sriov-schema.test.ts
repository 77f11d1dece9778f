import { expect } from "chai";
import { parseConfig } from "./load-config.ts";

const EXISTING = "cluster:\n  provider: existing\n  kubeconfig: ./k\n";

/** The group `cluster.sriov` of a configuration; or the messages, without the file's name. */
function sriov(text: string): unknown {
  try {
    return parseConfig(`${EXISTING}  sriov: ${text}\n`, "f").cluster.sriov;
  } catch (error) {
    return (error as Error).message.replaceAll(/^f:/gm, "");
  }
}

describe("VFs in the configuration of a cluster of the user's", () => {
  it("need no more than a pool and ranges", () => {
    expect(sriov("{ pools: [{ resource: intel.com/sriov }], ranges: [10.99.0.0/16] }")).to.deep.equal({
      plugin: "sriov",
      cniVersion: "1.0.0",
      keys: {},
      pools: [{ resource: "intel.com/sriov", userspace: false }],
      ranges: ["10.99.0.0/16"],
    });
  });

  const rows: readonly (readonly [string, string, string])[] = [
    ["no ranges", "{ pools: [{ resource: a.b/c }] }", "cluster.sriov.ranges must be a list, not empty"],
    ["a small range", "{ pools: [{ resource: a.b/c }], ranges: [10.0.0.0/28] }", "256 addresses"],
    ["a name without prefix", "{ pools: [{ resource: sriov }], ranges: [10.0.0.0/16] }", "such as intel.com/sriov"],
    ["simulated VFs", "{ pools: [{ resource: plumbline.dev/simvf_a }], ranges: [10.0.0.0/16] }", "of simulated VFs"],
    ["one pool twice", "{ pools: [{ resource: a.b/c }, { resource: a.b/c }], ranges: [10.0.0.0/16] }", "there twice"],
    [
      "user space alone",
      "{ pools: [{ resource: a.b/c, userspace: true }], ranges: [10.0.0.0/16] }",
      "has no pool whose",
    ],
    [
      "three pools of one kind",
      "{ pools: [{ resource: a.b/c }, { resource: a.b/d }, { resource: a.b/e }], ranges: [10.0.0.0/16] }",
      "has more than cases ask",
    ],
    [
      "keys of the cases' own",
      "{ keys: { vlan: 5, ipam: {} }, pools: [{ resource: a.b/c }], ranges: [10.0.0.0/16] }",
      "4:35: cluster.sriov.keys.ipam is written by the cases",
    ],
    ["a path", "{ plugin: /opt/x, pools: [{ resource: a.b/c }], ranges: [10.0.0.0/16] }", "the name of a file"],
  ];
  for (const [what, text, says] of rows) {
    it(`refuse ${what}`, () => expect(sriov(text)).to.contain(says));
  }

  it("are nothing of a cluster that is made", () => {
    const text = "cluster:\n  sriov: { pools: [{ resource: a.b/c }], ranges: [10.0.0.0/16] }\n";
    expect(() => parseConfig(text, "f")).to.throw("by its stack, e.g. ptp-thick-simvf");
  });
});
