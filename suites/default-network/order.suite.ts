import { expect } from "chai";
import { pod, scriptedNetwork, suite, testCase } from "../../harness/testkit/index.ts";

// Its name sorts before eth0, so that an order by name would not do.
const ordered = pod("def-order", [
  {
    network: scriptedNetwork("def-order", (live) => ({ addresses: [`${live.address(10)}/24`] })),
    interface: "alpha0",
  },
]);

suite("order of the cluster network", () => {
  testCase(
    {
      id: "DEF-002",
      revision: 1,
      title: "the cluster network is attached before any network that the pod asks for",
      layer: "L1",
      clauses: ["NPWG-6.2-default-first"],
      faults: ["cluster-network-comes-last"],
      pods: { ordered },
    },
    async ({ pods, claim }) => {
      pods.ordered.seen();
      // The kernel numbers the interfaces of a namespace in the order in which they came.
      const { stdout } = await pods.ordered.exec("ip", "-json", "link", "show");
      const links = JSON.parse(stdout) as readonly { readonly ifindex: number; readonly ifname: string }[];
      const inOrder = links.toSorted((a, b) => a.ifindex - b.ifindex).map(({ ifname }) => ifname);
      await claim("cluster-network-first", () => {
        expect(inOrder, `interfaces of ${pods.ordered} in the order in which they came`).to.deep.equal([
          "lo",
          "eth0",
          "alpha0",
        ]);
      });
    },
  );
});
