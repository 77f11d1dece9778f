import { expect } from "chai";
import {
  BareContainer,
  BareMultus,
  bringUp,
  nodeOf,
  pod,
  POOL_A,
  scriptedNetwork,
  suite,
  testCase,
} from "../../harness/testkit/index.ts";
import { given, recorded } from "./recorded-devices.ts";
import { oneVf, S1, S1_OR_S2, vfNetwork } from "./vf-networks.ts";
import { devicesOf } from "./vf-of-pod.ts";

const MADE_UP = "plumbline.dev/made-up";
const madeUp = pod(
  "srv-made-up",
  [vfNetwork("srv-made-up", { type: S1, pool: MADE_UP, plugin: () => ({ trust: "on" }) })],
  { resources: { [MADE_UP]: 1 }, refused: true, byCase: true },
);

// Why a cluster network could not be found Multus keeps to itself: the network of devices is one that a pod asks for.
const ordinary = scriptedNetwork("mul-ordinary", (live) => ({ addresses: [`${live.address(20)}/24`] }));
const known = pod("mul-checkpoint", [recorded("mul-checkpoint", POOL_A)], oneVf);

const SOCKET = "/var/lib/kubelet/pod-resources/kubelet.sock";
const CHECKPOINT = "/var/lib/kubelet/device-plugins/kubelet_internal_checkpoint";
const ASIDE = 'mv "$1" "$1.plumbline-aside"';
const PUT_BACK = 'for file; do if [ -e "$file.plumbline-aside" ]; then mv -f "$file.plumbline-aside" "$file"; fi; done';

suite("virtual functions over the life of pods, plugins and nodes", () => {
  testCase(
    {
      id: "SRV-025",
      revision: 1,
      title:
        "a pod with a device of a pool that has no device plugin is refused, and its event says what is missing (S1, S2)",
      layer: "L1",
      level: "extended",
      clauses: ["SRIOV-device-required", "MULTUS-no-device"],
      faults: ["a-made-up-device-is-good-enough"],
      needs: [S1_OR_S2],
      disturbs: "cluster",
      pods: { madeUp },
    },
    async ({ pods, nodes, kube, claim }) => {
      const node = nodeOf(pods.madeUp, nodes);
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
      id: "MUL-026",
      revision: 1,
      title: "without the kubelet's socket devices are read from its checkpoint, and without either ADD says so",
      layer: "L3",
      level: "extended",
      clauses: ["MULTUS-devices-by-checkpoint"],
      faults: ["the-checkpoint-tells-of-no-device", "add-succeeds-where-nothing-tells-of-devices"],
      needs: ["sriov", "sriov-simulated"],
      disturbs: "cluster",
      pods: { known },
      networks: { ordinary },
    },
    async ({ pods, networks, nodes, claim }) => {
      await bringUp(pods.known);
      pods.known.seen();
      const node = nodeOf(pods.known, nodes);
      const [device] = await devicesOf(pods.known);
      const multus = await BareMultus.on(node);
      const { name, namespace } = networks.ordinary.live;
      const call = { pod: pods.known, keys: { clusterNetwork: name, multusNamespace: namespace, delegates: null } };
      const putBack = async (): Promise<void> => {
        await node.shell(PUT_BACK, SOCKET, CHECKPOINT);
      };
      node.atEnd(putBack);
      const [one, other] = [
        await BareContainer.open([node], `mul-026-checkpoint-${name}`, "eth0"),
        await BareContainer.open([node], `mul-026-neither-${name}`, "eth0"),
      ];
      try {
        await node.shell(ASIDE, SOCKET);
        const answer = await multus.call(one, "ADD", call);
        const forVf = (await node.calls(one.id)).find(({ command, ifname }) => command === "ADD" && ifname === "net1");
        await claim("by-the-checkpoint", () => {
          expect(answer.exitCode, `exit code of ADD without the socket: ${answer.stdout}`).to.equal(0);
          expect(given(forVf)["deviceID"], "deviceID given to the plugin").to.equal(device);
        });
        await node.shell(ASIDE, CHECKPOINT);
        const refusal = await multus.call(other, "ADD", call);
        await claim("neither-is-told", () => {
          expect(refusal.exitCode, "exit code of ADD without socket and checkpoint").not.to.equal(0);
          expect(refusal.stdout, "the answer to it").to.include("failed to get a ResourceClient instance");
        });
      } finally {
        await putBack();
        await multus.call(one, "DEL", call);
        await multus.call(other, "DEL", call);
      }
    },
  );
});
