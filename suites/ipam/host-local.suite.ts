import { expect } from "chai";
import { network, pod, suite, testCase } from "../../harness/testkit/index.ts";

const bridge = network("ipm-bridge", { type: "bridge", ipam: "host-local", forSubject: true });
const macvlan = network("ipm-macvlan", { type: "macvlan", ipam: "host-local" });
const leased = pod("ipm-leased", [bridge, macvlan]);

suite("host-local", () => {
  testCase(
    {
      id: "IPM-001",
      revision: 1,
      title: "one file an address with container id and interface, removed on DEL",
      layer: "L1",
      asks: ["interface", "chained"],
      clauses: ["PLUGINS-host-local-store"],
      faults: ["host-local-writes-wrong-owner", "bridge-drops-del"],
      pods: { leased },
    },
    async ({ pods, claim }) => {
      const seen = pods.leased.seen();
      const mine = seen.leases.filter((lease) => pods.leased.attachments.some((a) => a.network.name === lease.network));
      await claim("one-lease-an-address", () => {
        const expected = pods.leased.attachments.flatMap(({ network: live }) =>
          seen.linksIn(live.range).flatMap((link) =>
            seen.addressesOf(link.name).map((address) => ({
              network: live.name,
              address,
              containerId: seen.sandboxId,
              ifname: link.name,
            })),
          ),
        );
        expect(mine, `host-local leases of ${pods.leased}`).to.have.deep.members(expected);
        expect(mine, `host-local leases of ${pods.leased}`).to.have.length(pods.leased.attachments.length);
      });
      await pods.leased.delete();
      await claim("lease-removed-on-del", async () => {
        expect(await pods.leased.leasesLeft(), `host-local leases left of ${pods.leased}`).to.deep.equal([]);
      });
    },
  );
});
