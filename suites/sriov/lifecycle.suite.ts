import { expect } from "chai";
import { nodeOf, pod, POOL_A, POOL_B, suite, testCase, VirtualFunctions } from "../../harness/testkit/index.ts";
import { ALL_OF_B } from "./pools.ts";
import { oneVf, S1, S1_OR_S2, vfNetwork } from "./vf-networks.ts";
import { departures, devicesOf, vfsOf } from "./vf-of-pod.ts";

const trusted = () => ({ trust: "on" });

// Pods that want all of a pool are made when nobody else has any of it: by their cases, one after the other.
const again = vfNetwork("srv-again", { type: S1, pool: POOL_B, plugin: trusted });
const bothOfB = (key: string) => pod(key, [again, again], { resources: { [POOL_B]: ALL_OF_B }, byCase: true });
const [beforeIt, afterIt] = [bothOfB("srv-again-before"), bothOfB("srv-again-after")];

const churned = vfNetwork("srv-churn", { type: S1, plugin: trusted });
const ROUNDS = 3;
const A_ROUND = 4;
const churn = Object.fromEntries(
  Array.from({ length: ROUNDS * A_ROUND }, (_, i) => {
    const key = `srv-churn-${Math.floor(i / A_ROUND) + 1}${"abcd"[i % A_ROUND]}`;
    return [key, pod(key, [churned], oneVf)];
  }),
);

suite("virtual functions over the life of pods, plugins and nodes", () => {
  testCase(
    {
      id: "TD-026",
      revision: 1,
      title: "VFs of a pod that is gone are home and free, nothing is kept of them, and the next pod has them (S1, S2)",
      layer: "L1",
      level: "extended",
      clauses: ["SRIOV-vf-given-back", "SRIOV-state-removed", "K8S-devices-not-shared"],
      faults: ["a-vf-of-a-pod-that-is-gone-counts-as-taken"],
      needs: [S1_OR_S2],
      disturbs: "cluster",
      pods: { beforeIt, afterIt },
    },
    async ({ pods, nodes, claim }) => {
      await pods.beforeIt.create();
      pods.beforeIt.seen();
      const [vfs, devices] = [vfsOf(pods.beforeIt), await devicesOf(pods.beforeIt)];
      // what a plugin keeps of pods that are gone would refuse these VFs to every later case
      nodeOf(pods.beforeIt, nodes).atEnd(async () => {
        for (const device of devices) await vfs.tidy(device);
      });
      const lost = await vfs.timesLost(...devices);
      await pods.beforeIt.delete();
      await pods.afterIt.create();
      await claim("the-next-pod-has-them", async () => {
        pods.afterIt.seen();
        expect(await devicesOf(pods.afterIt), `devices of ${pods.afterIt}`).to.deep.equal(devices);
      });
      await pods.afterIt.delete();
      await claim("as-they-were-made", async () => {
        expect(await departures(vfs, devices), `what of the VFs is another after ${pods.afterIt}`).to.deep.equal([]);
      });
      await claim("never-lost", async () => {
        expect((await vfs.timesLost(...devices)) - lost, "how often a VF went with a network namespace").to.equal(0);
      });
      for (const testPod of [pods.beforeIt, pods.afterIt]) {
        await claim("nothing-is-kept", async () => {
          const left = await testPod.attachmentResidueLeft();
          expect(
            left.map(({ kind, key }) => `${kind} ${key}`),
            `what still names ${testPod}`,
          ).to.deep.equal([]);
        });
      }
    },
  );

  testCase(
    {
      id: "SRV-039",
      revision: 1,
      title: `after ${ROUNDS} rounds of ${A_ROUND} pods every VF is home as it was made, and no address is taken (S1, S2)`,
      layer: "L1",
      level: "extended",
      clauses: ["SRIOV-vf-given-back", "SRIOV-restored", "CNI-2-del-releases"],
      faults: ["a-vf-is-lost-in-a-round"],
      needs: [S1_OR_S2],
      disturbs: "cluster",
      pods: churn,
    },
    async ({ pods, nodes, claim }) => {
      const testPods = Object.values(pods);
      const [first] = testPods;
      if (!first) throw new Error("the case declares no pods");
      const vfs = new VirtualFunctions(nodeOf(first, nodes));
      const devices = await vfs.registered(POOL_A);
      const lost = await vfs.timesLost(...devices);
      for (let i = 0; i < testPods.length; i += A_ROUND) {
        const round = testPods.slice(i, i + A_ROUND);
        await Promise.all(round.map(async (testPod) => testPod.create()));
        for (const testPod of round) testPod.seen();
        await Promise.all(round.map(async (testPod) => testPod.delete()));
      }
      await claim("as-they-were-made", async () => {
        const found = await departures(vfs, devices);
        expect(found, `what of the VFs is another after ${testPods.length} pods`).to.deep.equal([]);
      });
      await claim("never-lost", async () => {
        expect((await vfs.timesLost(...devices)) - lost, "how often a VF went with a network namespace").to.equal(0);
      });
      const left = await Promise.all(testPods.map(async (testPod) => testPod.leasesLeft()));
      await claim("no-address-is-taken", () => {
        expect(left.flat(), "leases that are left of the pods").to.deep.equal([]);
      });
    },
  );
});
