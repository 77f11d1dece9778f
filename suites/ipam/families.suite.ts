import { expect } from "chai";
import { network, pod, suite, testCase } from "../../harness/testkit/index.ts";

const dual = network("ipm-dual", {
  type: "bridge",
  ipam: "host-local",
  edit: (list, live) => ({
    ...list,
    plugins: list.plugins.map((plugin) => ({
      ...plugin,
      ipam: {
        type: "host-local",
        ranges: [[{ subnet: live.range, gateway: live.gateway }], [{ subnet: live.range6, gateway: live.gateway6 }]],
      },
    })),
  }),
});
const both = pod("ipm-both", [dual]);

suite("host-local with two families", () => {
  testCase(
    {
      id: "IPM-006",
      revision: 1,
      title: "two range sets, one of each family, give one address of each, and both are released",
      layer: "L1",
      level: "extended",
      clauses: ["PLUGINS-host-local-sets", "PLUGINS-host-local-store"],
      faults: ["host-local-gives-of-the-first-set-alone", "host-local-keeps-the-address-of-the-second-set"],
      pods: { both },
    },
    async ({ pods, claim }) => {
      const seen = pods.both.seen();
      const [live] = pods.both.attachments.map((attachment) => attachment.network);
      await claim("one-of-each-family", () => {
        const given = [live?.range ?? "", live?.range6 ?? ""].map((range) =>
          seen.linksIn(range).map((link) => link.name),
        );
        expect(
          given,
          `interfaces of ${pods.both} with an address of ${live?.range} and of ${live?.range6}`,
        ).to.deep.equal([["net1"], ["net1"]]);
        const leases = seen.leases.filter(({ network: name }) => name === live?.name).map(({ address }) => address);
        expect(leases, `host-local leases of ${pods.both}`).to.have.members([...seen.addressesOf("net1")]);
      });
      await pods.both.delete();
      await claim("both-released", async () => {
        expect(await pods.both.leasesLeft(), `host-local leases left of ${pods.both}`).to.deep.equal([]);
      });
    },
  );
});
