import { expect } from "chai";
import {
  pod,
  POOL_A,
  POOL_B,
  POOL_DPDK,
  suite,
  testCase,
  VirtualFunctions,
  type CaseNode,
  anyNode,
} from "../../harness/testkit/index.ts";
import { ALL_OF_B, allocatable, KUBELETS_TIME, POOLS } from "./pools.ts";
import { recorded } from "./recorded-devices.ts";

type Json = Readonly<Record<string, unknown>>;

// Made when nobody else has any of the pool: by their case, one after the other.
const whole = recorded("srv-whole", POOL_B);
const holder = pod("srv-holder", [whole], { resources: { [POOL_B]: ALL_OF_B }, byCase: true });
const waiting = pod("srv-waiting", [recorded("srv-waiting", POOL_B)], { resources: { [POOL_B]: 1 }, byCase: true });

/** Drivers of the VFs that a pool has. */
const DRIVER: Readonly<Record<string, string>> = { [POOL_A]: "igbvf", [POOL_B]: "igbvf", [POOL_DPDK]: "vfio-pci" };

suite("pools of virtual functions", () => {
  testCase(
    {
      id: "SRV-001",
      revision: 1,
      title: "each node has as many VFs to give as there are (S0 to S2)",
      layer: "L1",
      level: "extended",
      clauses: ["SRIOV-advertised"],
      faults: ["a-vf-is-not-advertised"],
      needs: ["sriov", "sriov-simulated"],
      disturbs: "cluster",
      pods: {},
    },
    async ({ nodes, otherNodes, kube, claim, eventually }) => {
      for (const node of [...nodes, ...otherNodes]) {
        const vfs = new VirtualFunctions(node);
        const here = await vfs.all();
        const registered = await Promise.all(POOLS.map(async (pool) => vfs.registered(pool)));
        await claim("registered", () => {
          expect(registered.flat().toSorted(), `devices that the kubelet of ${node.name} may give`).to.deep.equal(
            here.map(({ pci }) => pci).toSorted(),
          );
          for (const [i, pool] of POOLS.entries()) {
            const drivers = (registered[i] ?? []).map((pci) => here.find((vf) => vf.pci === pci)?.driver);
            expect([...new Set(drivers)], `drivers of the VFs of ${pool} on ${node.name}`).to.deep.equal([
              DRIVER[pool],
            ]);
          }
        });
        await claim("advertised", () =>
          eventually(async () => {
            const has = await allocatable(kube, node);
            expect(
              POOLS.map((pool) => has[pool]),
              `allocatable devices of ${POOLS.join(", ")} on ${node.name}`,
            ).to.deep.equal(registered.map(({ length }) => String(length)));
          }, KUBELETS_TIME),
        );
      }
    },
  );

  testCase(
    {
      id: "SRV-011",
      revision: 1,
      title: "a pod that asks for more VFs than there are waits, and its event names the pool (S0 to S3)",
      layer: "L1",
      level: "extended",
      clauses: ["K8S-devices-run-out"],
      faults: ["a-node-promises-more-vfs-than-it-has"],
      needs: ["sriov"],
      disturbs: "cluster",
      pods: {},
      networks: { whole },
    },
    async ({ nodes, networks, kube, claim, eventually }) => {
      const { namespace, name: network, vfSite } = networks.whole.live;
      const node = nodes.find(({ name }) => !vfSite || vfSite.homes[name]) as CaseNode;
      const pool = vfSite?.pools[POOL_B] ?? POOL_B;
      const all = vfSite ? Number((await allocatable(kube, node))[pool]) : ALL_OF_B;
      const greedy = { apiVersion: "v1", kind: "Pod", namespace, name: `greedy-${network}` };
      const resources = { limits: { [pool]: String(all + 1) } };
      await kube.apply([
        {
          apiVersion: "v1",
          kind: "Pod",
          metadata: { namespace, name: greedy.name },
          spec: {
            nodeSelector: { "kubernetes.io/hostname": node.name },
            tolerations: [{ operator: "Exists" }],
            // never asked for: it is put on no node
            containers: [{ name: "main", image: "plumbline.invalid/none", resources }],
          },
        },
      ]);
      try {
        await claim("event-names-the-pool", () =>
          eventually(async () => {
            const events = await kube.events({ namespace, name: greedy.name });
            const said = events.map(({ reason, message }) => `${reason}: ${message}`);
            const failures = said.filter((text) => text.startsWith("FailedScheduling: "));
            expect(failures.join("\n"), `events of ${namespace}/${greedy.name}`).to.include(`Insufficient ${pool}`);
          }),
        );
        await claim("waits", async () => {
          const { spec, status } = (await kube.get(greedy)) ?? {};
          expect(status?.["phase"], `phase of ${namespace}/${greedy.name}`).to.equal("Pending");
          expect(spec?.["nodeName"], `node of ${namespace}/${greedy.name}`).to.equal(undefined);
        });
      } finally {
        await kube.delete(greedy, { gracePeriodSeconds: 0 });
      }
    },
  );

  testCase(
    {
      id: "SRV-012",
      revision: 1,
      title: "a pod for which no VF is left waits, and gets one of those that another pod frees (S0 to S2)",
      layer: "L1",
      level: "extended",
      clauses: ["K8S-devices-run-out", "K8S-devices-not-shared", "MULTUS-device-id"],
      faults: ["a-node-promises-more-vfs-than-it-has", "a-freed-vf-does-not-reach-the-next-pod"],
      needs: ["sriov", "sriov-simulated"],
      disturbs: "cluster",
      pods: { holder, waiting },
    },
    async ({ pods, claim, eventually }) => {
      await pods.holder.create();
      pods.holder.seen();
      const held = await new VirtualFunctions(pods.holder.onNode).devicesOf(pods.holder);
      const begun = pods.waiting.create();
      await claim("waits", () =>
        eventually(async () => {
          const said = (await pods.waiting.events("FailedScheduling")).map(({ message }) => message);
          expect(said.join("\n"), `FailedScheduling events of ${pods.waiting}`).to.include(`Insufficient ${POOL_B}`);
        }),
      );
      await pods.holder.delete();
      await begun;
      pods.waiting.seen();
      const [call] = await pods.waiting.calls("ADD");
      await claim("gets-a-freed-one", () => {
        const { deviceID } = (call?.stdin ?? {}) as Json;
        expect(deviceID, `deviceID given to the plugin for ${pods.waiting}`).to.be.oneOf([...held]);
      });
    },
  );

  testCase(
    {
      id: "SRV-034",
      revision: 1,
      title: "a VF that its plugin calls unhealthy is not to be had, until it is healthy again (S0 to S2)",
      layer: "L1",
      level: "extended",
      clauses: ["K8S-devices-unhealthy", "SRIOV-advertised"],
      faults: ["the-device-plugin-runs-with-another-configuration"],
      // upstream's never says that a VF is unhealthy
      needs: ["sriov", "sriov-simulated", "device-plugin-control"],
      disturbs: "cluster",
      pods: {},
    },
    async ({ nodes, kube, claim, eventually }) => {
      const node = anyNode(nodes);
      const vfs = new VirtualFunctions(node);
      const [sick = "none"] = await vfs.registered(POOL_B);
      const toBeHad = async (): Promise<readonly [number, string | undefined]> => [
        (await vfs.registered(POOL_B)).length,
        (await allocatable(kube, node))[POOL_B],
      ];
      await vfs.misbehave({ [POOL_B]: { unhealthy: [sick] } });
      await claim("not-to-be-had", () =>
        eventually(async () => {
          expect(
            await toBeHad(),
            `VFs of ${POOL_B} that the kubelet may give, and that the API has, on ${node.name}`,
          ).to.deep.equal([ALL_OF_B - 1, String(ALL_OF_B - 1)]);
        }, KUBELETS_TIME),
      );
      await vfs.behave();
      await claim("healthy-again", () =>
        eventually(async () => {
          expect(
            await toBeHad(),
            `VFs of ${POOL_B} that the kubelet may give, and that the API has, on ${node.name}`,
          ).to.deep.equal([ALL_OF_B, String(ALL_OF_B)]);
        }, KUBELETS_TIME),
      );
    },
  );
});
