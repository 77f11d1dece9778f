import { expect } from "chai";
import { bringUp, pod, POOL_A, POOL_B, suite, testCase } from "../../harness/testkit/index.ts";
import { devicesByInterface, kubeletsWord, recorded } from "./recorded-devices.ts";

type Json = Readonly<Record<string, unknown>>;

const [first, second] = [recorded("srv-two-first", POOL_A), recorded("srv-two-second", POOL_A)];
const two = pod("srv-two", [first, second], { resources: { [POOL_A]: 2 }, byCase: true });
const few = pod("srv-few", [first, second], { resources: { [POOL_A]: 1 }, byCase: true });
const none = pod("srv-none", [first], { byCase: true });
const apiece = recorded("srv-apiece", POOL_B);
const exclusive = ["a", "b"].map((letter) =>
  pod(`srv-apiece-${letter}`, [apiece], { resources: { [POOL_B]: 1 }, group: "srv-apiece", byCase: true }),
);

const COMMON = { revision: 1, layer: "L1", level: "extended", needs: ["sriov"] } as const;

suite("device ids on their way to the plugins", () => {
  testCase(
    {
      ...COMMON,
      id: "MUL-023",
      title: "two networks of one pool get one device each, in the order in which the pod names them",
      clauses: ["MULTUS-device-each"],
      faults: ["two-networks-get-one-device"],
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
      ...COMMON,
      id: "SRV-013",
      title: "pods that run at once have devices of their own",
      clauses: ["K8S-devices-not-shared", "MULTUS-device-id"],
      faults: ["one-device-is-handed-out-twice"],
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
      ...COMMON,
      needs: ["sriov", "sriov-as-asked"],
      id: "MUL-025",
      title: "an attachment for which the pod asked no device, or none is left, is given none of somebody else",
      clauses: ["MULTUS-no-device"],
      faults: ["a-pod-without-a-device-gets-one"],
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
});
