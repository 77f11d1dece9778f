// A suite of one's own: `plumbline list` shows its cases, `plumbline run --case MY-001` runs one.
import assert from "node:assert/strict";
import { network, pod, suite, testCase } from "plumbline/testkit";

const lan = network("my-lan", { type: "bridge", ipam: "host-local" });
const client = pod("my-client", [lan]);

suite("my network", () => {
  testCase(
    {
      id: "MY-001",
      revision: 1,
      title: "a pod's second interface is a veth with one address of its network",
      layer: "L1",
      clauses: [],
      faults: [],
      pods: { client },
    },
    async ({ pods, claim }) => {
      const seen = pods.client.seen();
      const [attachment] = pods.client.attachments;
      const links = seen.linksIn(attachment.network.range);
      await claim("one-interface", () =>
        assert.deepEqual(
          links.map(({ name }) => name),
          ["net1"],
        ),
      );
      await claim("a-veth", () => assert.equal(links[0].linkKind, "veth"));
      await claim("one-address", () => assert.equal(seen.cidrsOf("net1").length, 1));
    },
  );
});
