import { expect } from "chai";
import type { CaseNetwork } from "./case-network.ts";
import type { CaseNode } from "./case-node.ts";
import { loadNetworkTemplate } from "../config/network-templates.ts";
import { NetworkEnds } from "./network-ends.ts";

const node = { name: "node" } as CaseNode;
const otherNode = { name: "other" } as CaseNode;
const peer = { name: "peer" } as CaseNode;

function endsOf(type: string): NetworkEnds {
  const of = (bridge: string) =>
    ({
      live: {
        range: "10.1.2.0/24",
        gateway: "10.1.2.1",
        master: "eth0",
        bridge,
        address: (n: number) => `10.1.2.${n}`,
      },
      reach: loadNetworkTemplate(type).reach,
    }) as unknown as CaseNetwork;
  return new NetworkEnds({ type, network: of("plb1"), second: of("plb2") }, { node, otherNode, peer });
}

describe("the ends of a network", () => {
  it("takes the gateway for the node where the plugin makes it one", () => {
    expect(endsOf("ptp").end("own-node")).to.deep.equal({ on: node, device: "eth0", address: "10.1.2.1" });
    expect(endsOf("ptp").ground.get(node)).to.deep.equal(["route add unreachable 10.1.2.0/24 metric 9999"]);
  });

  it("gives the node an address on the link where it must not be reached", () => {
    expect(endsOf("macvlan").end("own-node")?.address).to.equal("10.1.2.200");
    expect(endsOf("macvlan").ground.get(node)).to.include("address add 10.1.2.200/24 dev eth0");
    expect(endsOf("macvlan").groundGone.get(node)).to.deep.equal([
      "address del 10.1.2.200/24 dev eth0",
      "route del unreachable 10.1.2.0/24 metric 9999",
    ]);
  });

  it("makes the devices that are moved into containers, and takes them away by the end that stays", () => {
    const ends = endsOf("host-device");
    expect(ends.ground.get(node)).to.include.members([
      "link add plb1 type veth peer name plb1p",
      "link set plb1p up",
      "address add 10.1.2.200/24 dev plb1p",
    ]);
    expect(ends.groundGone.get(otherNode)).to.deep.equal([
      "link del plb2p",
      "link del plb1p",
      "route del unreachable 10.1.2.0/24 metric 9999",
    ]);
  });

  it("tells what the template says of each target, and why", () => {
    expect(endsOf("vlan").verdictOn("outside-peer")).to.deep.equal({
      verdict: "mustNot",
      why: "it is not in the VLAN",
    });
    expect(endsOf("bridge").verdictOn("own-node").verdict).to.equal("open");
  });
});
