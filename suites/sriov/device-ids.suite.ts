import { expect } from "chai";
import {
  bringUp,
  environmentName,
  pod,
  POOL_A,
  POOL_B,
  POOL_DPDK,
  suite,
  testCase,
  toldDevices,
} from "../../harness/testkit/index.ts";
import {
  deviceOnceReady,
  devicesByInterface,
  given,
  kubeletsWord,
  recorded,
  recordedList,
} from "./recorded-devices.ts";
import { written } from "./device-info.ts";
import { vfsOf } from "./vf-of-pod.ts";

type Json = Readonly<Record<string, unknown>>;

const one = pod("srv-one", [recordedList("srv-listed", POOL_A)], { resources: { [POOL_A]: 1 }, byCase: true });
const pools = pod("srv-pools", [recorded("srv-pool-b", POOL_B), recorded("srv-pool-dpdk", POOL_DPDK)], {
  resources: { [POOL_B]: 1, [POOL_DPDK]: 1 },
  byCase: true,
});

const COMMON = { revision: 1, layer: "L1", level: "extended", needs: ["sriov"] } as const;
/** What the pools of the simulation say of their VFs. */
const SIMULATED = ["sriov", "sriov-simulated"];

suite("device ids on their way to the plugins", () => {
  testCase(
    {
      ...COMMON,
      id: "MUL-021",
      title: "a plugin is given the device that the kubelet gave the pod, by all the names that Multus has for it",
      clauses: ["MULTUS-device-id", "SRIOV-told-to-the-container"],
      faults: [
        "multus-hands-over-another-device-id",
        "multus-hands-over-another-bus-id",
        "a-capability-gets-no-device-id",
      ],
      pods: { one },
    },
    async ({ pods, claim }) => {
      const device = await deviceOnceReady(pods.one);
      const told = await toldDevices(pods.one, POOL_A);
      await claim("container-is-told", () => {
        expect(told, `${environmentName(pods.one.resource(POOL_A))} in ${pods.one}`).to.deep.equal([device]);
      });
      const config = given((await pods.one.calls("ADD"))[0]);
      await claim("device-id", () => {
        expect(config["deviceID"], `deviceID given to the plugin for ${pods.one}`).to.equal(device);
      });
      await claim("bus-id", () => {
        expect(config["pciBusID"], `pciBusID given to the plugin for ${pods.one}`).to.equal(device);
      });
      await claim("by-the-capability", () => {
        const { deviceID } = (config["runtimeConfig"] ?? {}) as Json;
        expect(deviceID, `runtimeConfig.deviceID given to the plugin for ${pods.one}`).to.equal(device);
      });
    },
  );

  testCase(
    {
      ...COMMON,
      id: "SRV-006",
      title: "every plugin of a list is given the device",
      clauses: ["MULTUS-device-id"],
      faults: ["the-second-of-a-list-gets-no-device"],
      pods: { one },
    },
    async ({ pods, claim }) => {
      const device = await deviceOnceReady(pods.one);
      const calls = await pods.one.calls("ADD");
      await claim("each-has-both", () => {
        const ids = calls.map((call) => [given(call)["deviceID"], given(call)["pciBusID"]]);
        expect(ids, `deviceID and pciBusID of each plugin of the list, for ${pods.one}`).to.deep.equal([
          [device, device],
          [device, device],
        ]);
      });
      await claim("not-what-it-did-not-declare", () => {
        const { deviceID } = (given(calls[1])["runtimeConfig"] ?? {}) as Json;
        expect(deviceID, "runtimeConfig.deviceID of the plugin without the capability").to.equal(undefined);
      });
    },
  );

  testCase(
    {
      ...COMMON,
      id: "STA-011",
      title: "network-status tells of the device: its type, the version of the format, and its address",
      clauses: ["NPWG-5.3.7-device-info", "MULTUS-device-info"],
      faults: ["status-tells-of-another-device"],
      pods: { one },
    },
    async ({ pods, claim }) => {
      const device = await deviceOnceReady(pods.one);
      const status = pods.one.seen().status.find((entry) => entry.interface === "net1");
      const { version, pci } = await written(pods.one, device);
      await claim("device-info", () => {
        expect(status?.deviceInfo, `device-info of net1 in the status of ${pods.one}`).to.deep.equal({
          type: "pci",
          version,
          pci: { ...pci, "pci-address": device },
        });
      });
    },
  );

  testCase(
    {
      ...COMMON,
      needs: SIMULATED,
      id: "SRV-035",
      title: "the kubelet knows the NUMA node of a VF, unless its pool is not to tell it",
      clauses: ["K8S-device-topology"],
      faults: ["the-device-plugin-runs-with-another-configuration"],
      pods: { one, pools },
    },
    async ({ pods, claim }) => {
      await bringUp(pods.one, pods.pools);
      for (const [testPod, pool, numaNode] of [
        [pods.one, POOL_A, 0],
        [pods.pools, POOL_B, undefined],
      ] as const) {
        testPod.seen();
        const grants = (await vfsOf(testPod).grants()).filter(
          ({ podUid, resource }) => podUid === testPod.uid && resource === pool,
        );
        await claim("numa-node-is-known", () => {
          const nodes = grants.flatMap(({ numaNodes }) => numaNodes);
          expect(nodes, `NUMA node that the kubelet keeps with the VF of ${testPod} `).to.deep.equal([numaNode]);
        });
      }
    },
  );

  testCase(
    {
      ...COMMON,
      needs: SIMULATED,
      id: "SRV-004",
      title: "a container is told its VF by address, and what its pool adds",
      clauses: ["SRIOV-told-to-the-container"],
      faults: ["the-device-plugin-runs-with-another-configuration"],
      pods: { pools },
    },
    async ({ pods, claim }) => {
      const device = await deviceOnceReady(pods.pools, POOL_B);
      await claim("told-by-address", async () => {
        const told = await toldDevices(pods.pools, POOL_B);
        expect(told, `${environmentName(POOL_B)} in ${pods.pools}`).to.deep.equal([device]);
      });
      const { stdout } = await pods.pools.exec("printenv", `${environmentName(POOL_B)}_INFO`);
      await claim("told-what-the-pool-adds", () => {
        const said = JSON.parse(stdout) as Readonly<Record<string, Json>>;
        // upstream's README and its code name what a pool adds differently
        const { generic, ...added } = said[device] ?? {};
        expect(
          { devices: Object.keys(said), generic, added: Object.values(added) },
          `${environmentName(POOL_B)}_INFO in ${pods.pools}`,
        ).to.deep.equal({ devices: [device], generic: { deviceID: device }, added: [{ pool: "b" }] });
      });
    },
  );

  testCase(
    {
      ...COMMON,
      needs: ["sriov", "sriov-userspace"],
      id: "SRV-010",
      title: "devices of two pools in one pod are not mixed up",
      clauses: ["MULTUS-device-id", "MULTUS-device-each"],
      faults: ["a-network-gets-a-device-of-another-pool"],
      pods: { pools },
    },
    async ({ pods, claim }) => {
      const vf = await deviceOnceReady(pods.pools, POOL_B);
      const [dpdk] = await kubeletsWord(pods.pools, POOL_DPDK);
      const devices = await devicesByInterface(pods.pools);
      await claim("each-of-its-pool", () => {
        expect(devices, `device given for each interface of ${pods.pools}`).to.deep.equal({ net1: vf, net2: dpdk });
      });
    },
  );

  testCase(
    {
      ...COMMON,
      id: "MUL-022",
      title: "the device-info file is copied for the attachment, its path is told, and it goes with the pod",
      clauses: ["MULTUS-device-info"],
      faults: ["the-path-of-device-info-is-not-told", "device-info-stays-behind"],
      pods: { one },
    },
    async ({ pods, claim }) => {
      const device = await deviceOnceReady(pods.one);
      const { sandboxId } = pods.one.seen();
      const [call] = await pods.one.calls("ADD");
      const { CNIDeviceInfoFile: path } = (given(call)["runtimeConfig"] ?? {}) as Json;
      const { network: live } = pods.one.attachments[0] ?? {};
      await claim("path-is-told", () => {
        expect(path, `runtimeConfig.CNIDeviceInfoFile given to the plugin for ${pods.one}`).to.match(
          new RegExp(`/devinfo/cni/${live?.namespace}-${live?.name}-${sandboxId}_net1$`),
        );
      });
      const { stdout } = await pods.one.onNode.exec(["cat", String(path)]);
      await claim("copied", () => {
        const content = JSON.parse(stdout || "{}") as { pci?: Json };
        expect(content.pci?.["pci-address"], `address in the file for ${pods.one}`).to.equal(device);
      });
      await pods.one.delete();
      const left = await pods.one.residueLeft("devinfo");
      await claim("goes-with-the-pod", () => {
        expect(
          left.map(({ key }) => key),
          `device-info files that still name ${pods.one}`,
        ).to.deep.equal([]);
      });
    },
  );
});
