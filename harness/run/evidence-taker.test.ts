import { expect } from "chai";
import { kindsOf } from "./evidence-taker.ts";

const broken = (...things: readonly string[]) => things.map((thing) => ({ invariant: "no-residue" as const, thing }));

describe("kindsOf", () => {
  it("is the same for pods that left the same kinds of things, whatever their names and order", () => {
    const one = kindsOf(broken("lease /var/lib/cni/networks/n/10.0.0.2", "cni-cache /var/lib/cni/results/n-a-eth0"));
    const other = kindsOf(broken("cni-cache /var/lib/cni/results/n-b-eth0", "lease /var/lib/cni/networks/n/10.0.0.3"));
    expect(one).to.equal("no-residue: cni-cache, lease").and.to.equal(other);
  });

  it("differs where a pod left more", () => {
    const known = kindsOf(broken("lease a", "cni-cache b"));
    expect(kindsOf(broken("lease a", "cni-cache b", "cni-cache c"))).not.to.equal(known);
  });
});
