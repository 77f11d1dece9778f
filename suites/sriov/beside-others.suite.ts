import { expect } from "chai";
import { bringUp, network, pod, POOL_B, POOL_DPDK, suite, testCase } from "../../harness/testkit/index.ts";
import { S0, S0_OR_S3, S1, S1_TO_S3, vfNetwork } from "./vf-networks.ts";
import { macOf, ownVf } from "./vf-of-pod.ts";

const oneOfB = { resources: { [POOL_B]: 1 }, byCase: true };
const chained = pod(
  "srv-chained",
  [
    vfNetwork("srv-chained", {
      type: S0,
      pool: POOL_B,
      further: [{ type: "tuning", sysctl: { "net.ipv4.conf.IFNAME.arp_filter": "1" } }],
    }),
  ],
  oneOfB,
);
const mixed = pod(
  "srv-mixed",
  [vfNetwork("srv-mixed", { type: S1, pool: POOL_B }), network("srv-mixed-mv", { type: "macvlan", ipam: "static" })],
  oneOfB,
);
const userspace = pod("srv-dpdk", [vfNetwork("srv-dpdk", { type: S1, pool: POOL_DPDK })], {
  resources: { [POOL_DPDK]: 1 },
  byCase: true,
  // an attachment without an interface is what it is about
  unjudged: true,
});

suite("virtual functions in pods", () => {
  testCase(
    {
      id: "SRV-040",
      revision: 1,
      title: "a plugin behind the one for VFs works on the same interface (S0, S3)",
      layer: "L1",
      level: "extended",
      clauses: ["SRIOV-chained"],
      faults: ["tuning-after-a-vf-does-nothing"],
      needs: [S0_OR_S3],
      pods: { chained },
    },
    async ({ pods, claim }) => {
      await bringUp(pods.chained);
      pods.chained.seen();
      const { mac } = await ownVf(pods.chained);
      await claim("vf-in-the-pod", () => {
        expect(macOf(pods.chained, "net1"), `MAC of net1 of ${pods.chained}`).to.equal(mac);
      });
      const { stdout } = await pods.chained.exec("cat", "/proc/sys/net/ipv4/conf/net1/arp_filter");
      await claim("tuned", () => {
        expect(stdout.trim(), `arp_filter of net1 of ${pods.chained}`).to.equal("1");
      });
    },
  );

  testCase(
    {
      id: "SRV-037",
      revision: 1,
      title: "a VF, a macvlan interface and the cluster network stand side by side in one pod (S1 to S3)",
      layer: "L1",
      level: "extended",
      clauses: ["SRIOV-vf-moved", "NPWG-4.1.1-comma-list"],
      faults: ["the-vf-beside-macvlan-is-another"],
      needs: [S1_TO_S3],
      pods: { mixed },
    },
    async ({ pods, claim }) => {
      await bringUp(pods.mixed);
      const { links } = pods.mixed.seen();
      const { mac } = await ownVf(pods.mixed);
      await claim("three-interfaces", () => {
        const found = links
          .filter(({ name }) => name !== "lo")
          .map(({ name, linkKind, mac: own }) => `${name} ${own === mac ? "the VF" : linkKind}`);
        expect(found.toSorted(), `interfaces of ${pods.mixed}`).to.deep.equal([
          "eth0 veth",
          "net1 the VF",
          "net2 macvlan",
        ]);
      });
    },
  );

  testCase(
    {
      id: "SRV-036",
      revision: 1,
      title:
        "a VF with a driver of user space has an address and no interface in the pod (S1, S2: that branch alone; S3)",
      layer: "L1",
      level: "extended",
      clauses: ["SRIOV-user-space"],
      faults: ["a-userspace-vf-has-an-interface"],
      needs: [S1_TO_S3, "sriov-userspace"],
      pods: { userspace },
    },
    async ({ pods, claim }) => {
      await bringUp(pods.userspace);
      const { links, status, leases } = pods.userspace.seen();
      await claim("no-interface", () => {
        expect(links.map(({ name }) => name).toSorted(), `interfaces of ${pods.userspace}`).to.deep.equal([
          "eth0",
          "lo",
        ]);
      });
      const { name } = pods.userspace.network;
      const told = status.find((entry) => entry.interface === "net1")?.ips;
      await claim("address-taken", () => {
        const taken = leases.filter((lease) => lease.network === name).map(({ address }) => address);
        expect(told, `addresses of net1 in the status of ${pods.userspace}`).to.have.length(1);
        expect(taken, `addresses that host-local keeps for ${pods.userspace}`).to.deep.equal(told);
      });
    },
  );
});
