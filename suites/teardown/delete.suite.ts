import { expect } from "chai";
import { network, pod, suite, testCase } from "../../harness/testkit/index.ts";

const bridge = network("td-bridge", { type: "bridge", ipam: "host-local", forSubject: true });
const macvlan = network("td-macvlan", { type: "macvlan", ipam: "host-local" });
const statics = (key: string) => [
  network(`${key}-bridge-st`, { type: "bridge", ipam: "static", forSubject: true }),
  network(`${key}-macvlan-st`, { type: "macvlan", ipam: "static" }),
];

const hostLocal = pod("td-host-local", [bridge, macvlan]);
const fixed = pod("td-static", statics("td1"));
const forcedHostLocal = pod("td-forced-hl", [bridge, macvlan]);
const forcedFixed = pod("td-forced-st", statics("td14"));

suite("deleting pods", () => {
  testCase(
    {
      id: "TD-001",
      revision: 1,
      title: "after a normal delete nothing on the node names the pod any more",
      layer: "L1",
      clauses: ["NPWG-7.2-teardown", "CNI-2-del-releases"],
      faults: ["bridge-drops-del", "multus-drops-del"],
      pods: { hostLocal, fixed },
    },
    async ({ pods, claim }) => {
      for (const testPod of [pods.hostLocal, pods.fixed]) testPod.seen();
      await Promise.all([pods.hostLocal.delete(), pods.fixed.delete()]);
      for (const testPod of [pods.hostLocal, pods.fixed]) {
        await claim("no-residue", async () => {
          expect(await testPod.residueLeft(), `what still names ${testPod}`).to.deep.equal([]);
        });
      }
    },
  );

  testCase(
    {
      id: "TD-014",
      revision: 1,
      title: "after a forced delete of a running pod nothing on the node names it any more",
      layer: "L1",
      clauses: ["NPWG-7.2-teardown", "CNI-2-del-releases", "K8S-forced-deletion"],
      faults: ["bridge-drops-del", "multus-drops-del"],
      pods: { forcedHostLocal, forcedFixed },
    },
    async ({ pods, claim }) => {
      for (const testPod of [pods.forcedHostLocal, pods.forcedFixed]) testPod.seen();
      await Promise.all([pods.forcedHostLocal.delete({ force: true }), pods.forcedFixed.delete({ force: true })]);
      for (const testPod of [pods.forcedHostLocal, pods.forcedFixed]) {
        await claim("no-residue", async () => {
          expect(await testPod.residueLeft(), `what still names ${testPod}`).to.deep.equal([]);
        });
      }
    },
  );
});
