import { expect } from "chai";
import {
  bringUp,
  customNetwork,
  POOL_DPDK,
  environmentName,
  pod,
  resourceOf,
  scriptedNetwork,
  scriptedPlugin,
  suite,
  testCase,
  toldDevices,
  POOL_A,
  POOL_B,
  VirtualFunctions,
  type CaseContext,
  type PluginCall,
  type PodDeclaration,
  type TestPod,
} from "../../harness/testkit/index.ts";

type Json = Readonly<Record<string, unknown>>;

// The scripted plugin writes down what it is given and moves no VF: any level of the simulation serves.
const listed = customNetwork(
  "srv-listed",
  (live) => ({
    cniVersion: "1.0.0",
    plugins: [
      scriptedPlugin(
        { addresses: [`${live.address(10)}/24`] },
        { capabilities: { deviceID: true, CNIDeviceInfoFile: true } },
      ),
      scriptedPlugin({}),
    ],
  }),
  { annotations: resourceOf(POOL_A) },
);
const recorded = (key: string, pool: string) =>
  scriptedNetwork(key, (live) => ({ addresses: [`${live.address(10)}/24`] }), { annotations: resourceOf(pool) });

const one = pod("srv-one", [listed], { resources: { [POOL_A]: 1 }, byCase: true });
const [first, second] = [recorded("srv-two-first", POOL_A), recorded("srv-two-second", POOL_A)];
const two = pod("srv-two", [first, second], { resources: { [POOL_A]: 2 }, byCase: true });
const few = pod("srv-few", [first, second], { resources: { [POOL_A]: 1 }, byCase: true });
const none = pod("srv-none", [first], { byCase: true });
const pools = pod("srv-pools", [recorded("srv-pool-b", POOL_B), recorded("srv-pool-dpdk", POOL_DPDK)], {
  resources: { [POOL_B]: 1, [POOL_DPDK]: 1 },
  byCase: true,
});
const apiece = recorded("srv-apiece", POOL_B);
const exclusive = ["a", "b"].map((letter) =>
  pod(`srv-apiece-${letter}`, [apiece], { resources: { [POOL_B]: 1 }, group: "srv-apiece", byCase: true }),
);

const OTHER = "other";
/** A container that ends at once when it is told to; the port of the image is the first one's. */
const other = {
  name: OTHER,
  command: ["sh", "-c", "trap 'exit 0' TERM; sleep infinity & wait"],
  resources: { limits: { [POOL_A]: "1" } },
};
/** The kubelet deals VFs as it likes: one try in two gives the first container the greater address. */
const TRIES = 9;
const ordered = [recorded("srv-order-first", POOL_A), recorded("srv-order-second", POOL_A)];
const deals = Object.fromEntries(
  Array.from({ length: TRIES }, (_, i) => [
    `deal${i}`,
    pod(`srv-order-${i}`, ordered, {
      resources: { [POOL_A]: 1 },
      furtherContainers: [other],
      byCase: true,
      group: "srv-order",
    }),
  ]),
);

const given = (call: PluginCall | undefined): Json => (call?.stdin ?? {}) as Json;

const vfsOf = (testPod: TestPod): VirtualFunctions => new VirtualFunctions(testPod.onNode);

/** Devices of a pod by the kubelet's own account. */
const kubeletsWord = async (testPod: TestPod, pool: string = POOL_A): Promise<readonly string[]> =>
  vfsOf(testPod).devicesOf(testPod, pool);

/** `deviceID` of the ADD of each interface. */
async function devicesByInterface(testPod: TestPod): Promise<Readonly<Record<string, unknown>>> {
  const calls = await testPod.calls("ADD");
  return Object.fromEntries(calls.map((call) => [call.ifname, given(call)["deviceID"]]));
}

interface Deal {
  readonly testPod: TestPod;
  /** Device of each container. */
  readonly main: string;
  readonly other: string;
}

const dealt = new WeakMap<object, Promise<Deal>>();

type Pods = CaseContext<Record<string, PodDeclaration>>["pods"];

/** Makes pods until the first container of one has the greater address: in the other order nothing can be told apart. */
async function greaterFirst(pods: Pods): Promise<Deal> {
  const all = Object.values(pods);
  const [key] = all;
  if (!key) throw new Error("no pods to deal VFs to");
  const known = dealt.get(key) ?? deal(all);
  dealt.set(key, known);
  return known;
}

async function deal(pods: readonly TestPod[]): Promise<Deal> {
  for (const testPod of pods) {
    await testPod.create();
    testPod.seen();
    const grants = (await vfsOf(testPod).grants()).filter(({ podUid }) => podUid === testPod.uid);
    const ofContainer = (name: string): string =>
      grants.find(({ container }) => container === name)?.devices[0] ?? "none";
    const [main, beside] = [ofContainer("main"), ofContainer(OTHER)];
    if (main > beside) return { testPod, main, other: beside };
    await testPod.delete();
  }
  throw new Error(`the kubelet gave the first container the lesser address ${TRIES} times`);
}

/** Devices in the words of the case, since addresses differ from run to run. */
const inWords = ({ main, other: beside }: Deal, devices: readonly unknown[]): readonly string[] =>
  devices.map((device) => {
    if (device === main) return "the VF of the first container";
    return device === beside ? "the VF of the second container" : `another: ${String(device)}`;
  });

const CONTAINER_ORDER = ["the VF of the first container", "the VF of the second container"];

suite("device ids on their way to the plugins", () => {
  testCase(
    {
      id: "MUL-021",
      revision: 1,
      title: "a plugin is given the device that the kubelet gave the pod, by all the names that Multus has for it",
      layer: "L1",
      level: "extended",
      clauses: ["MULTUS-device-id", "SRIOV-told-to-the-container"],
      faults: [
        "multus-hands-over-another-device-id",
        "multus-hands-over-another-bus-id",
        "a-capability-gets-no-device-id",
      ],
      needs: ["sriov"],
      pods: { one },
    },
    async ({ pods, claim }) => {
      await bringUp(pods.one);
      pods.one.seen();
      const [device] = await kubeletsWord(pods.one);
      const told = await toldDevices(pods.one, POOL_A);
      await claim("container-is-told", () => {
        expect(told, `${environmentName(POOL_A)} in ${pods.one}`).to.deep.equal([device]);
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
      id: "SRV-006",
      revision: 1,
      title: "every plugin of a list is given the device",
      layer: "L1",
      level: "extended",
      clauses: ["MULTUS-device-id"],
      faults: ["the-second-of-a-list-gets-no-device"],
      needs: ["sriov"],
      pods: { one },
    },
    async ({ pods, claim }) => {
      await bringUp(pods.one);
      pods.one.seen();
      const [device] = await kubeletsWord(pods.one);
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
      id: "STA-011",
      revision: 1,
      title: "network-status tells of the device: its type, the version of the format, and its address",
      layer: "L1",
      level: "extended",
      clauses: ["NPWG-5.3.7-device-info", "MULTUS-device-info"],
      faults: ["status-tells-of-another-device"],
      needs: ["sriov"],
      pods: { one },
    },
    async ({ pods, claim }) => {
      await bringUp(pods.one);
      const status = pods.one.seen().status.find((entry) => entry.interface === "net1");
      const [device] = await kubeletsWord(pods.one);
      await claim("device-info", () => {
        expect(status?.deviceInfo, `device-info of net1 in the status of ${pods.one}`).to.deep.equal({
          type: "pci",
          version: "1.1.0",
          pci: { "pci-address": device },
        });
      });
    },
  );

  testCase(
    {
      id: "SRV-035",
      revision: 1,
      title: "the kubelet knows the NUMA node of a VF, unless its pool is not to tell it",
      layer: "L1",
      level: "extended",
      clauses: ["K8S-device-topology"],
      faults: ["the-device-plugin-runs-with-another-configuration"],
      needs: ["sriov"],
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
      id: "SRV-004",
      revision: 1,
      title: "a container is told its VF by address, and what its pool adds",
      layer: "L1",
      level: "extended",
      clauses: ["SRIOV-told-to-the-container"],
      faults: ["the-device-plugin-runs-with-another-configuration"],
      needs: ["sriov"],
      pods: { pools },
    },
    async ({ pods, claim }) => {
      await bringUp(pods.pools);
      pods.pools.seen();
      const [device = "none"] = await kubeletsWord(pods.pools, POOL_B);
      await claim("told-by-address", async () => {
        const told = await toldDevices(pods.pools, POOL_B);
        expect(told, `${environmentName(POOL_B)} in ${pods.pools}`).to.deep.equal([device]);
      });
      const { stdout } = await pods.pools.exec("printenv", `${environmentName(POOL_B)}_INFO`);
      await claim("told-what-the-pool-adds", () => {
        expect(JSON.parse(stdout), `${environmentName(POOL_B)}_INFO in ${pods.pools}`).to.deep.equal({
          [device]: { generic: { deviceID: device }, extra_info: { pool: "b" } },
        });
      });
    },
  );

  testCase(
    {
      id: "SRV-010",
      revision: 1,
      title: "devices of two pools in one pod are not mixed up",
      layer: "L1",
      level: "extended",
      clauses: ["MULTUS-device-id", "MULTUS-device-each"],
      faults: ["a-network-gets-a-device-of-another-pool"],
      needs: ["sriov"],
      pods: { pools },
    },
    async ({ pods, claim }) => {
      await bringUp(pods.pools);
      pods.pools.seen();
      const devices = await devicesByInterface(pods.pools);
      const [[vf], [dpdk]] = [await kubeletsWord(pods.pools, POOL_B), await kubeletsWord(pods.pools, POOL_DPDK)];
      await claim("each-of-its-pool", () => {
        expect(devices, `device given for each interface of ${pods.pools}`).to.deep.equal({ net1: vf, net2: dpdk });
      });
    },
  );

  testCase(
    {
      id: "MUL-022",
      revision: 1,
      title: "the device-info file is copied for the attachment, its path is told, and it goes with the pod",
      layer: "L1",
      level: "extended",
      clauses: ["MULTUS-device-info"],
      faults: ["the-path-of-device-info-is-not-told", "device-info-stays-behind"],
      needs: ["sriov"],
      pods: { one },
    },
    async ({ pods, claim }) => {
      await bringUp(pods.one);
      const { sandboxId } = pods.one.seen();
      const [device] = await kubeletsWord(pods.one);
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

  testCase(
    {
      id: "MUL-023",
      revision: 1,
      title: "two networks of one pool get one device each, in the order in which the pod names them",
      layer: "L1",
      level: "extended",
      clauses: ["MULTUS-device-each"],
      faults: ["two-networks-get-one-device"],
      needs: ["sriov"],
      pods: { two },
    },
    async ({ pods, claim }) => {
      await bringUp(pods.two);
      pods.two.seen();
      const { net1, net2 } = await devicesByInterface(pods.two);
      const devices = await kubeletsWord(pods.two);
      await claim("one-each", () => {
        expect(
          [net1, net2].map(String).toSorted(),
          `devices given for ${pods.two}, against the kubelet's`,
        ).to.deep.equal(devices.toSorted());
      });
      await claim("as-the-status-tells", () => {
        const told = pods.two.seen().status.flatMap(({ interface: ifname, deviceInfo }) => {
          const { pci } = (deviceInfo ?? {}) as { pci?: Json };
          return pci ? [[ifname, pci["pci-address"]]] : [];
        });
        expect(Object.fromEntries(told), `device of each interface in the status of ${pods.two}`).to.deep.equal({
          net1,
          net2,
        });
      });
    },
  );

  testCase(
    {
      id: "SRV-013",
      revision: 1,
      title: "pods that run at once have devices of their own",
      layer: "L1",
      level: "extended",
      clauses: ["K8S-devices-not-shared", "MULTUS-device-id"],
      faults: ["one-device-is-handed-out-twice"],
      needs: ["sriov"],
      pods: Object.fromEntries(exclusive.map((declaration) => [declaration.key, declaration])),
    },
    async ({ pods, claim }) => {
      const all = Object.values(pods);
      await bringUp(...all);
      for (const testPod of all) testPod.seen();
      const devices = (await Promise.all(all.map(async (testPod) => devicesByInterface(testPod)))).map(
        ({ net1 }) => net1,
      );
      await claim("one-each", () => {
        expect(
          new Set(devices).size,
          `different devices given for ${all.join(" and ")}: ${devices.join(", ")}`,
        ).to.equal(all.length);
      });
    },
  );

  testCase(
    {
      id: "MUL-025",
      revision: 1,
      title: "an attachment for which the pod asked no device, or none is left, is given none of somebody else",
      layer: "L1",
      level: "extended",
      clauses: ["MULTUS-no-device"],
      faults: ["a-pod-without-a-device-gets-one"],
      needs: ["sriov"],
      pods: { none, few },
    },
    async ({ pods, claim }) => {
      await bringUp(pods.none, pods.few);
      pods.none.seen();
      pods.few.seen();
      const [without, fewer] = [await devicesByInterface(pods.none), await devicesByInterface(pods.few)];
      const [device] = await kubeletsWord(pods.few);
      await claim("none-where-none-was-asked", () => {
        expect(without["net1"] ?? "", `deviceID given for ${pods.none}`).to.equal("");
      });
      await claim("none-where-none-is-left", () => {
        expect([fewer["net1"], fewer["net2"] ?? ""], `deviceID of net1 and net2 given for ${pods.few}`).to.deep.equal([
          device,
          "",
        ]);
      });
    },
  );

  testCase(
    {
      id: "MUL-024",
      revision: 1,
      title: "with a device in each of two containers, networks get them in the order of the containers",
      layer: "L1",
      level: "extended",
      clauses: ["MULTUS-device-order"],
      faults: ["two-containers-get-the-device-of-neither"],
      needs: ["sriov"],
      pods: deals,
    },
    async ({ pods, claim }) => {
      const found = await greaterFirst(pods);
      const { net1, net2 } = await devicesByInterface(found.testPod);
      await claim("in-the-order-of-containers", () => {
        expect(inWords(found, [net1, net2]), `devices given for net1 and net2 of ${found.testPod}`).to.deep.equal(
          CONTAINER_ORDER,
        );
      });
    },
  );

  testCase(
    {
      id: "SRV-009",
      revision: 1,
      title: "network-status names the devices of two containers in the order of the containers",
      layer: "L1",
      level: "extended",
      clauses: ["MULTUS-device-order", "MULTUS-device-info"],
      faults: ["status-of-two-containers-tells-of-neither"],
      needs: ["sriov"],
      pods: deals,
    },
    async ({ pods, claim }) => {
      const found = await greaterFirst(pods);
      const told = ["net1", "net2"].map((name) => {
        const { deviceInfo } = found.testPod.seen().status.find((entry) => entry.interface === name) ?? {};
        return ((deviceInfo as { pci?: Json } | undefined)?.pci ?? {})["pci-address"];
      });
      await claim("in-the-order-of-containers", () => {
        expect(inWords(found, told), `devices of net1 and net2 in the status of ${found.testPod}`).to.deep.equal(
          CONTAINER_ORDER,
        );
      });
    },
  );
});
