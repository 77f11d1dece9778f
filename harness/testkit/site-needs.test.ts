import { expect } from "chai";
import { network } from "./declare-network.ts";
import { pod } from "./declare-pod.ts";
import { PODS_AS_ASKED, siteNeedsOf } from "./site-needs.ts";

const onLink = network("on-link", { type: "macvlan", ipam: "static" });
const inside = network("inside", { type: "bridge", ipam: "static" });
const codes = (definition: Parameters<typeof siteNeedsOf>[0]): readonly string[] =>
  siteNeedsOf(definition)
    .filter(({ feature }) => feature !== PODS_AS_ASKED)
    .map(({ feature, skip }) => `${feature} ${skip}`);

describe("what a case needs of a cluster of the user's", () => {
  it("is nothing where its pods are on bridges of their own", () => {
    expect(codes({ pods: { a: pod("a", [inside]) } })).to.deep.equal([]);
  });

  it("is an interface where its pods are put on one, or plugins are asked that do so", () => {
    expect(codes({ pods: { a: pod("a", [onLink]) } })).to.deep.equal(["link SKIP_UNCONFIGURED"]);
    expect(codes({ pods: {}, asks: ["interface"] })).to.deep.equal(["link SKIP_UNCONFIGURED"]);
    expect(codes({ pods: {}, asks: ["ipam"] })).to.deep.equal([]);
  });

  it("is a link for foreign addresses where pods speak from node to node", () => {
    const apart = { a: pod("a", [onLink]), b: pod("b", [onLink], { apart: true }) };
    expect(codes({ pods: apart })).to.deep.equal(["link SKIP_UNCONFIGURED", "foreign-macs SKIP_FEATURE"]);
  });

  it("is pods that get what they ask for, if it has pods and is not about those that get more", () => {
    const needed = (definition: Parameters<typeof siteNeedsOf>[0]): boolean =>
      siteNeedsOf(definition).some(({ feature }) => feature === PODS_AS_ASKED);
    const pods = { a: pod("a", [inside]) };
    expect([needed({ pods }), needed({ pods: {} }), needed({ pods, needs: ["default-networks"] })]).to.deep.equal([
      true,
      false,
      false,
    ]);
  });

  it("is leave to disturb", () => {
    expect(codes({ pods: {}, disturbs: "cluster" })).to.deep.equal(["disruption SKIP_DISRUPTIVE"]);
  });
});
