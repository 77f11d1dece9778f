import { expect } from "chai";
import {
  bringUp,
  environmentName,
  pod,
  POOL_A,
  suite,
  testCase,
  toldDevices,
  type CaseContext,
  type PodDeclaration,
  type TestPod,
} from "../../harness/testkit/index.ts";
import { devicesByInterface, recorded } from "./recorded-devices.ts";
import { vfsOf } from "./vf-of-pod.ts";

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

const told = pod("srv-told", [recorded("srv-told", POOL_A)], {
  resources: { [POOL_A]: 2 },
  furtherContainers: [other],
  byCase: true,
});

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

/** The address of the device of an interface, as network-status tells it. */
function toldInStatus(testPod: TestPod, ifname: string): unknown {
  const { deviceInfo } = testPod.seen().status.find((entry) => entry.interface === ifname) ?? {};
  const { pci } = (deviceInfo ?? {}) as { pci?: Readonly<Record<string, unknown>> };
  return pci?.["pci-address"];
}

const CONTAINER_ORDER = ["the VF of the first container", "the VF of the second container"];

const COMMON = { revision: 1, layer: "L1", level: "extended", needs: ["sriov", "sriov-as-asked"] } as const;

suite("device ids on their way to the plugins", () => {
  testCase(
    {
      ...COMMON,
      id: "MUL-024",
      title: "with a device in each of two containers, networks get them in the order of the containers",
      clauses: ["MULTUS-device-order"],
      faults: ["two-containers-get-the-device-of-neither"],
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
      ...COMMON,
      id: "SRV-009",
      title: "network-status names the devices of two containers in the order of the containers",
      clauses: ["MULTUS-device-order", "MULTUS-device-info"],
      faults: ["status-of-two-containers-tells-of-neither"],
      pods: deals,
    },
    async ({ pods, claim }) => {
      const found = await greaterFirst(pods);
      const inStatus = ["net1", "net2"].map((name) => toldInStatus(found.testPod, name));
      await claim("in-the-order-of-containers", () => {
        expect(inWords(found, inStatus), `devices of net1 and net2 in the status of ${found.testPod}`).to.deep.equal(
          CONTAINER_ORDER,
        );
      });
    },
  );

  testCase(
    {
      ...COMMON,
      id: "SRV-003",
      title: "a container is told of the VFs that the kubelet gave it, and of no others (S0 to S3)",
      clauses: ["SRIOV-told-to-the-container"],
      faults: ["containers-are-told-of-vfs-under-another-name"],
      pods: { told },
    },
    async ({ pods, claim }) => {
      await bringUp(pods.told);
      pods.told.seen();
      const granted = (await vfsOf(pods.told).grants())
        .filter(({ podUid, container }) => podUid === pods.told.uid && container === "main")
        .flatMap(({ devices }) => devices);
      const devices = await toldDevices(pods.told, POOL_A);
      await claim("its-own", () => {
        expect(granted, `VFs that the kubelet gave the first container of ${pods.told}`).to.have.length(2);
        expect(devices.toSorted(), `VFs that the first container of ${pods.told} is told of`).to.deep.equal(
          granted.toSorted(),
        );
      });
      const { stdout } = await pods.told.exec("printenv");
      const variable = environmentName(pods.told.resource(POOL_A));
      await claim("of-no-other-pool", () => {
        const names = [...stdout.matchAll(/^(PCIDEVICE_[^=]+)=/gm)].flatMap(([, name]) => name ?? []);
        expect(names.toSorted(), `variables that tell the first container of ${pods.told} of devices`).to.deep.equal([
          variable,
          `${variable}_INFO`,
        ]);
      });
    },
  );
});
