import { expect } from "chai";
import { bringUp, pod, suite, testCase } from "../../harness/testkit/index.ts";
import { oneVf, S0, S0_OR_S3, S1, S1_TO_S3, vfNetwork } from "./vf-networks.ts";
import { afterPod, macOf, ownVf, vfsOf } from "./vf-of-pod.ts";

const moved0 = pod("srv-moved-s0", [vfNetwork("srv-moved-s0", { type: S0 })], oneVf);
const moved1 = pod("srv-moved-s1", [vfNetwork("srv-moved-s1", { type: S1 })], oneVf);

suite("virtual functions in pods", () => {
  testCase(
    {
      id: "SRV-002",
      revision: 1,
      title: "the VF that the kubelet gave is net1 of the pod, with an address of its network (S0 to S3)",
      layer: "L1",
      level: "extended",
      clauses: ["SRIOV-vf-moved"],
      faults: ["another-mac-than-that-of-the-vf"],
      needs: [S0_OR_S3, S1_TO_S3],
      pods: { moved0, moved1 },
    },
    async ({ pods, claim }) => {
      await bringUp(pods.moved0, pods.moved1);
      for (const testPod of [pods.moved0, pods.moved1]) {
        const seen = testPod.seen();
        const { mac, pci } = await ownVf(testPod);
        await claim("vf-in-the-pod", () => {
          expect(macOf(testPod, "net1"), `MAC of net1 of ${testPod}`).to.equal(mac);
        });
        await claim("not-on-the-node", async () => {
          expect(await vfsOf(testPod).atHome(pci), `interface of the VF on the node of ${testPod}`).to.equal(undefined);
        });
        await claim("has-an-address", () => {
          const links = seen.linksIn(testPod.network.range).map(({ name }) => name);
          expect(links, `interfaces of ${testPod} with an address of its network`).to.deep.equal(["net1"]);
        });
      }
    },
  );

  testCase(
    {
      id: "SRV-014",
      revision: 1,
      title: "after its pod a VF is on the node again: its own name and MAC; simulated, down and never lost (S0 to S3)",
      layer: "L1",
      level: "extended",
      clauses: ["SRIOV-vf-given-back"],
      faults: ["host-device-keeps-the-vf", "plumbline-sriov-keeps-the-vf"],
      needs: [S0_OR_S3, S1_TO_S3],
      pods: { moved0, moved1 },
    },
    async ({ pods, claim }) => {
      await bringUp(pods.moved0, pods.moved1);
      const both = [pods.moved0, pods.moved1];
      for (const testPod of both) testPod.seen();
      const after = await Promise.all(both.map(async (testPod) => ({ testPod, ...(await afterPod(testPod)) })));
      for (const { testPod, vf, home, lost } of after) {
        await claim("given-back", () => {
          expect(home, `the VF on the node after ${testPod}`).to.deep.include({
            name: vf.interface,
            mac: vf.mac,
            // whoever manages the node may set a real one up again
            ...(testPod.vfSite ? {} : { up: false }),
          });
        });
        if (lost === undefined) continue;
        await claim("never-lost", () => {
          expect(lost, `how often the VF of ${testPod} went with a network namespace`).to.equal(0);
        });
      }
    },
  );

  testCase(
    {
      id: "SRV-029",
      revision: 1,
      title: "after its pod no file of the attachment is left: state of plugins, device-info, leases (S0 to S3)",
      layer: "L1",
      level: "extended",
      clauses: ["SRIOV-state-removed", "MULTUS-device-info"],
      faults: ["the-state-of-a-vf-stays"],
      needs: [S0_OR_S3, S1_TO_S3],
      pods: { moved0, moved1 },
    },
    async ({ pods, claim }) => {
      await bringUp(pods.moved0, pods.moved1);
      for (const testPod of [pods.moved0, pods.moved1]) {
        testPod.seen();
        await testPod.delete();
        await claim("no-file-left", async () => {
          const left = await testPod.attachmentResidueLeft();
          expect(
            left.map(({ kind, key }) => `${kind} ${key}`),
            `what still names ${testPod}`,
          ).to.deep.equal([]);
        });
      }
    },
  );
});
