import { expect } from "chai";
import { network, pod, suite, testCase } from "../../harness/testkit/index.ts";

const bridge = network("def-bridge", { type: "bridge", ipam: "host-local" });
const attached = pod("def-attached", [bridge]);
const plain = pod("def-plain", []);

suite("cluster-wide default network", () => {
  testCase(
    {
      id: "DEF-001",
      revision: 1,
      title: "every pod is on the cluster network and status.podIPs are its addresses there",
      layer: "L1",
      clauses: ["NPWG-6-default-network", "K8S-pod-ips"],
      faults: ["cluster-network-lies-about-address"],
      pods: { attached, plain },
    },
    async ({ pods, claim }) => {
      for (const testPod of [pods.attached, pods.plain]) {
        const seen = testPod.seen();
        await claim("pod-ips-on-eth0", () => {
          expect(seen.podIPs, `status.podIPs of ${testPod}`).not.to.deep.equal([]);
          expect(seen.podIPs.toSorted(), `status.podIPs of ${testPod}`).to.deep.equal(
            seen.addressesOf("eth0").toSorted(),
          );
        });
        await claim("eth0-in-pod-range", () => {
          const outside = seen.addressesOf("eth0").filter((address) => !seen.isPodAddress(address));
          expect(outside, `addresses of eth0 of ${testPod} outside the cluster's pod range`).to.deep.equal([]);
        });
      }
    },
  );
});
