import { expect } from "chai";
import { network, pod } from "./index.ts";
import { needsOf } from "./needs.ts";

const bridge = network("b", { type: "bridge", ipam: "host-local" });
const macvlan = network("m", { type: "macvlan", ipam: "static" });

describe("needsOf", () => {
  it("adds what the kernel must have for the networks of a case, once each", () => {
    const pods = { one: pod("one", [bridge, macvlan]), two: pod("two", [bridge]) };
    expect(needsOf({ needs: ["two-workers"], pods })).to.deep.equal([
      "kernel-bridge",
      "kernel-macvlan",
      "kernel-veth",
      "two-workers",
    ]);
  });

  it("asks for whereabouts where a network has its addresses of it", () => {
    const pooled = network("w", { type: "bridge", ipam: "whereabouts", byCase: true });
    expect(needsOf({ pods: {}, networks: { pooled } })).to.deep.equal(["kernel-bridge", "kernel-veth", "whereabouts"]);
  });

  it("asks for nothing where there is no network", () => {
    expect(needsOf({ pods: { plain: pod("plain", []) } })).to.deep.equal([]);
  });
});
