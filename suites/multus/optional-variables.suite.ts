import { expect } from "chai";
import {
  BareContainer,
  BareMultus,
  inShort,
  kubernetesArgs,
  nodeOf,
  pod,
  scriptedNetwork,
  suite,
  testCase,
  type CaseNode,
  type TestPod,
} from "../../harness/testkit/index.ts";

const scripted = scriptedNetwork("mul-optional-rec", (live) => ({ addresses: [`${live.address(10)}/24`] }));
const attached = pod("mul-optional", [scripted]);

const WITHOUT_ARGS = { env: { CNI_ARGS: null } };

/** Asks Multus for a container that is no pod's, and to take down what a pod has. */
async function askMultus(node: CaseNode, testPod: TestPod): Promise<readonly string[]> {
  const { sandboxId } = testPod.seen();
  const config = (await BareMultus.on(node)).configuration({});
  const wrong: string[] = [];
  const container = await BareContainer.open([node], "mul-043", "eth0");
  const added = await container.call("ADD", config, WITHOUT_ARGS);
  if (added.exitCode !== 0) wrong.push(`ADD without CNI_ARGS: ${inShort(added)}`);
  const undone = await container.call("DEL", config, WITHOUT_ARGS);
  if (undone.exitCode !== 0) wrong.push(`DEL without CNI_ARGS: ${inShort(undone)}`);
  const CNI_ARGS = kubernetesArgs(testPod, sandboxId);
  const change = { env: { CNI_CONTAINERID: sandboxId, CNI_NETNS: null, CNI_ARGS } };
  const deleted = await container.call("DEL", config, change);
  const [call] = await testPod.calls("DEL");
  if (deleted.exitCode !== 0 || !call)
    wrong.push(`DEL without CNI_NETNS: ${inShort(deleted)}; attachments taken down: ${call ? 1 : 0}`);
  return wrong;
}

suite("optional variables of a call to Multus", () => {
  testCase(
    {
      id: "MUL-043",
      revision: 1,
      title: "Multus adds without CNI_ARGS, and takes down what a pod has without CNI_NETNS",
      layer: "L0",
      clauses: ["CNI-2-optional-variables"],
      faults: ["optional-variables-are-optional-for-multus"],
      pods: { attached },
    },
    async ({ nodes, pods, claim }) => {
      const wrong = await askMultus(nodeOf(pods.attached, nodes), pods.attached);
      await claim("does-without-them", () => {
        expect(wrong, "what Multus does not do without optional variables").to.deep.equal([]);
      });
    },
  );
});
