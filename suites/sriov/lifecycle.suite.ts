import { expect } from "chai";
import {
  bringUp,
  customNetwork,
  FRESH_ROW,
  pod,
  POOL_A,
  POOL_B,
  POOL_DPDK,
  resourceOf,
  suite,
  testCase,
  VF_MTU,
  VirtualFunctions,
  type CaseContext,
  type CaseKube,
  type CaseNode,
  type LiveNetwork,
  type PodDeclaration,
  type TestPod,
} from "../../harness/testkit/index.ts";

type Json = Readonly<Record<string, unknown>>;

const PLUGIN = "plumbline-sriov";

/** A network of VFs of a pool, at S1. */
const moved = (key: string, pool: string) =>
  customNetwork(
    key,
    (live: LiveNetwork) => ({
      cniVersion: "1.0.0",
      plugins: [
        {
          type: PLUGIN,
          trust: "on",
          ipam: {
            type: "host-local",
            ranges: [[{ subnet: live.range, rangeStart: live.address(10), rangeEnd: live.address(200) }]],
          },
        },
      ],
    }),
    { annotations: resourceOf(pool) },
  );

/** VFs of the pool that whole-pool cases take. */
const ALL_OF_B = 2;

// Pods that want all of a pool are made when nobody else has any of it: by their cases, one after the other.
const again = moved("srv-again", POOL_B);
const bothOfB = (key: string) => pod(key, [again, again], { resources: { [POOL_B]: ALL_OF_B }, byCase: true });
const [beforeIt, afterIt] = [bothOfB("srv-again-before"), bothOfB("srv-again-after")];

const oneMoved = (key: string) => pod(key, [moved(key, POOL_A)], { resources: { [POOL_A]: 1 }, byCase: true });
const pluginRestarted = oneMoved("srv-plugin");

const MADE_UP = "plumbline.dev/made-up";
const madeUp = pod("srv-made-up", [moved("srv-made-up", MADE_UP)], {
  resources: { [MADE_UP]: 1 },
  refused: true,
  byCase: true,
});

const churned = moved("srv-churn", POOL_A);
const ROUNDS = 3;
const A_ROUND = 4;
const churn = Object.fromEntries(
  Array.from({ length: ROUNDS * A_ROUND }, (_, i) => {
    const key = `srv-churn-${Math.floor(i / A_ROUND) + 1}${"abcd"[i % A_ROUND]}`;
    return [key, pod(key, [churned], { resources: { [POOL_A]: 1 }, byCase: true })];
  }),
);

type Eventually = CaseContext<Readonly<Record<string, PodDeclaration>>>["eventually"];

const vfsOf = (testPod: TestPod): VirtualFunctions => new VirtualFunctions(testPod.onNode);

const devicesOf = async (testPod: TestPod): Promise<readonly string[]> => vfsOf(testPod).devicesOf(testPod);

/** What is not as it was made, of VFs after their pods: nothing, where all was put back. */
async function departures(vfs: VirtualFunctions, devices: readonly string[]): Promise<readonly string[]> {
  const found = devices.map(async (pci) => {
    const { interface: name, mac } = await vfs.at(pci);
    const home = await vfs.whenHome(pci);
    const row = await vfs.rowOf(pci);
    const now: Json = { ...row, rowMac: row.mac, ...(home ?? { name: "not on the node" }) };
    const was: Json = { ...FRESH_ROW, rowMac: FRESH_ROW.mac, name, mac, mtu: VF_MTU, up: false };
    await vfs.tidy(pci);
    return Object.entries(was).flatMap(([key, value]) =>
      now[key] === value ? [] : [`${pci}: ${key} is ${String(now[key])}, not ${String(value)}`],
    );
  });
  return (await Promise.all(found)).flat();
}

/** Pools that every node has. */
const POOLS = [POOL_A, POOL_B, POOL_DPDK];

/** Looks until a claim about what takes time holds, or the kubelet has had its time: it tells of devices every 10 s. */
const KUBELETS_TIME = { timeoutMs: 40_000 };

/** Ends the device plugin of a node, and waits until another one runs there. */
async function restartDevicePlugin(kube: CaseKube, node: CaseNode, eventually: Eventually): Promise<void> {
  const query = {
    apiVersion: "v1",
    kind: "Pod",
    namespace: "kube-system",
    labelSelector: "app=plumbline-simvf",
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
      id: "TD-026",
      revision: 1,
      title: "VFs of a pod that is gone are home and free, nothing is kept of them, and the next pod has them (S1)",
      layer: "L1",
      level: "extended",
      clauses: ["SRIOV-vf-given-back", "SRIOV-state-removed", "K8S-devices-not-shared"],
      faults: ["a-vf-of-a-pod-that-is-gone-counts-as-taken"],
      needs: ["sriov-s1"],
      disturbs: "cluster",
      pods: { beforeIt, afterIt },
    },
    async ({ pods, claim }) => {
      await pods.beforeIt.create();
      pods.beforeIt.seen();
      const [vfs, devices] = [vfsOf(pods.beforeIt), await devicesOf(pods.beforeIt)];
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
      id: "SRV-032",
      revision: 1,
      title: "a device plugin that starts anew names VFs in use as before, and their pods keep them (S1)",
      layer: "L3",
      level: "extended",
      clauses: ["SRIOV-advertised"],
      faults: ["a-vf-is-not-advertised"],
      needs: ["sriov-s1"],
      disturbs: "cluster",
      pods: { pluginRestarted },
    },
    async ({ pods, nodes, kube, claim, eventually }) => {
      await bringUp(pods.pluginRestarted);
      pods.pluginRestarted.seen();
      const node = nodes.find(({ name }) => name === pods.pluginRestarted.node) as CaseNode;
      const vfs = new VirtualFunctions(node);
      const here = (await vfs.all()).map(({ pci }) => pci).toSorted();
      const devices = await devicesOf(pods.pluginRestarted);
      await restartDevicePlugin(kube, node, eventually);
      await claim("all-registered-again", () =>
        eventually(async () => {
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
      id: "SRV-025",
      revision: 1,
      title:
        "a pod with a device of a pool that has no device plugin is refused, and its event says what is missing (S1)",
      layer: "L1",
      level: "extended",
      clauses: ["SRIOV-device-required", "MULTUS-no-device"],
      faults: ["a-made-up-device-is-good-enough"],
      needs: ["sriov-s1"],
      disturbs: "cluster",
      pods: { madeUp },
    },
    async ({ pods, nodes, kube, claim }) => {
      const node = nodes.find(({ name }) => name === pods.madeUp.node) as CaseNode;
      const ref = { apiVersion: "v1", kind: "Node", name: node.name };
      const say = async (count: string | null): Promise<void> => {
        const devices = { [MADE_UP]: count };
        const body = { status: { capacity: devices, allocatable: devices } };
        await kube.patch(ref, body, { type: "merge", subresource: "status" });
      };
      node.atEnd(() => say(null));
      await say("1");
      await pods.madeUp.create();
      const { refused, messages } = pods.madeUp.outcome();
      await claim("refused", () => {
        expect(refused, `whether ${pods.madeUp} was refused`).to.equal(true);
      });
      await claim("event-says-why", () => {
        expect(messages.join("\n"), `events of ${pods.madeUp}`).to.include("VF pci addr is required");
      });
    },
  );

  testCase(
    {
      id: "SRV-039",
      revision: 1,
      title: `after ${ROUNDS} rounds of ${A_ROUND} pods every VF is home as it was made, and no address is taken (S1)`,
      layer: "L1",
      level: "extended",
      clauses: ["SRIOV-vf-given-back", "SRIOV-restored", "CNI-2-del-releases"],
      faults: ["a-vf-is-lost-in-a-round"],
      needs: ["sriov-s1"],
      disturbs: "cluster",
      pods: churn,
    },
    async ({ pods, nodes, claim }) => {
      const testPods = Object.values(pods);
      const node = nodes.find(({ name }) => name === testPods[0]?.node) as CaseNode;
      const vfs = new VirtualFunctions(node);
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
