import { expect } from "chai";
import {
  bringUp,
  MultusDaemon,
  nodeOf,
  pod,
  suite,
  testCase,
  VirtualFunctions,
  type CaseContext,
  type CaseKube,
  type CaseNode,
} from "../../harness/testkit/index.ts";
import { KUBELETS_TIME, POOLS } from "./pools.ts";
import { oneVf, S1, S1_OR_S2, vfNetwork } from "./vf-networks.ts";
import { devicesOf, heldBy } from "./vf-of-pod.ts";

const oneMoved = (key: string) => pod(key, [vfNetwork(key, { type: S1, plugin: () => ({ trust: "on" }) })], oneVf);
const [forced, kubeletRestarted, pluginRestarted, daemonRestarted] = [
  oneMoved("srv-forced"),
  oneMoved("srv-kubelet"),
  oneMoved("srv-plugin"),
  oneMoved("srv-daemon"),
];

type Eventually = CaseContext<Record<string, never>>["eventually"];

async function restartKubelet(node: CaseNode): Promise<void> {
  const { exitCode, stderr } = await node.exec(["systemctl", "restart", "kubelet"], { timeoutMs: 60_000 });
  if (exitCode !== 0) throw new Error(`the kubelet of ${node.name} could not be restarted: ${stderr}`);
}

/** Ends the device plugin of a node, and waits until another one runs there. */
async function restartDevicePlugin(kube: CaseKube, node: CaseNode, eventually: Eventually): Promise<void> {
  const query = {
    apiVersion: "v1",
    kind: "Pod",
    namespace: "kube-system",
    // ours, or upstream's
    labelSelector: "app in (plumbline-simvf, sriovdp)",
    fieldSelector: `spec.nodeName=${node.name}`,
  };
  const before = await kube.list(query);
  for (const { metadata } of before) {
    await kube.delete({ apiVersion: "v1", kind: "Pod", namespace: "kube-system", name: metadata.name });
  }
  const old = new Set(before.map(({ metadata }) => metadata.uid));
  await eventually(
    async () => {
      const running = (await kube.list(query)).filter(
        ({ metadata, status }) => !old.has(metadata.uid) && status?.["phase"] === "Running",
      );
      expect(running.length, `device plugins that have begun on ${node.name}`).to.equal(1);
    },
    { timeoutMs: 60_000 },
  );
}

suite("virtual functions over the life of pods, plugins and nodes", () => {
  testCase(
    {
      id: "SRV-030",
      revision: 1,
      title: "the VF of a pod that is deleted by force, or over a restart of the kubelet, comes home (S1, S2)",
      layer: "L3",
      level: "extended",
      clauses: ["SRIOV-vf-given-back", "K8S-forced-deletion"],
      faults: ["a-vf-is-lost-by-a-forced-deletion", "a-vf-is-lost-over-a-restart-of-the-kubelet"],
      needs: [S1_OR_S2],
      disturbs: "cluster",
      pods: { forced, kubeletRestarted },
    },
    async ({ pods, claim }) => {
      await bringUp(pods.forced, pods.kubeletRestarted);
      for (const testPod of [pods.forced, pods.kubeletRestarted]) {
        const held = await heldBy(testPod);
        if (testPod === pods.kubeletRestarted) await restartKubelet(testPod.onNode);
        await testPod.delete({ force: testPod === pods.forced });
        const { changed, lost } = await held.afterwards();
        await claim("never-lost", () => {
          expect(lost, `how often the VF of ${testPod} went with a network namespace`).to.equal(0);
        });
        await claim("as-it-was-made", () => {
          expect(changed, `what of the VF is another after ${testPod}`).to.deep.equal([]);
        });
      }
    },
  );

  testCase(
    {
      id: "SRV-032",
      revision: 1,
      title: "a device plugin that starts anew names VFs in use as before, and their pods keep them (S1, S2)",
      layer: "L3",
      level: "extended",
      clauses: ["SRIOV-advertised"],
      faults: ["a-vf-is-not-advertised"],
      needs: [S1_OR_S2],
      disturbs: "cluster",
      pods: { pluginRestarted },
    },
    async ({ pods, nodes, kube, claim, eventually }) => {
      await bringUp(pods.pluginRestarted);
      pods.pluginRestarted.seen();
      const node = nodeOf(pods.pluginRestarted, nodes);
      const vfs = new VirtualFunctions(node);
      const here = (await vfs.all()).map(({ pci }) => pci).toSorted();
      const devices = await devicesOf(pods.pluginRestarted);
      const beforeMs = await vfs.registeredAtMs();
      await restartDevicePlugin(kube, node, eventually);
      await claim("all-registered-again", () =>
        eventually(async () => {
          // what was written before is of the plugin that has gone, and the kubelet gives none of it
          expect(await vfs.registeredAtMs(), "when the kubelet took devices into account").to.be.above(beforeMs);
          const registered = await Promise.all(POOLS.map(async (pool) => vfs.registered(pool)));
          expect(registered.flat().toSorted(), `devices that the kubelet of ${node.name} may give`).to.deep.equal(here);
        }, KUBELETS_TIME),
      );
      await claim("kept-by-the-pod", async () => {
        expect(await devicesOf(pods.pluginRestarted), `devices of ${pods.pluginRestarted}`).to.deep.equal(devices);
        const where = (await vfs.at(devices[0] ?? "none")).where;
        expect(where, `where the VF of ${pods.pluginRestarted} is`).to.equal("away");
      });
    },
  );

  testCase(
    {
      id: "SRV-033",
      revision: 1,
      title: "a VF that was attached before Multus' daemon started anew comes home all the same (S1, S2)",
      layer: "L3",
      level: "extended",
      clauses: ["MULTUS-teardown-from-cache", "SRIOV-vf-given-back"],
      faults: ["a-vf-is-lost-over-a-restart-of-the-daemon"],
      needs: [S1_OR_S2, "multus-thick"],
      disturbs: "cluster",
      pods: { daemonRestarted },
    },
    async ({ pods, nodes, kube, claim }) => {
      await bringUp(pods.daemonRestarted);
      const held = await heldBy(pods.daemonRestarted);
      const node = nodeOf(pods.daemonRestarted, nodes);
      const { hostPort } = pods.daemonRestarted.network;
      await MultusDaemon.of(node, kube).runWith({ metricsPort: hostPort });
      await pods.daemonRestarted.delete();
      const { changed, lost } = await held.afterwards();
      await claim("never-lost", () => {
        expect(lost, `how often the VF of ${pods.daemonRestarted} went with a network namespace`).to.equal(0);
      });
      await claim("as-it-was-made", () => {
        expect(changed, `what of the VF is another after ${pods.daemonRestarted}`).to.deep.equal([]);
      });
    },
  );
});
