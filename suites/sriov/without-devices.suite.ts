import { expect } from "chai";
import { pod, suite, testCase, type CaseNode } from "../../harness/testkit/index.ts";
import { S1, vfNetwork } from "./vf-networks.ts";

const MADE_UP = "plumbline.dev/made-up";
const madeUp = pod(
  "srv-made-up",
  [vfNetwork("srv-made-up", { type: S1, pool: MADE_UP, plugin: () => ({ trust: "on" }) })],
  { resources: { [MADE_UP]: 1 }, refused: true, byCase: true },
);

suite("virtual functions over the life of pods, plugins and nodes", () => {
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
});
