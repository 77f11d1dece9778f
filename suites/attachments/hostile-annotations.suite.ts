import { expect } from "chai";
import { pod, suite, testCase, type CaseNode } from "../../harness/testkit/index.ts";

const hostile = (key: string, annotation: string) =>
  pod(`att-hostile-${key}`, [], { annotation: () => annotation, refused: true, byCase: true, group: "att-hostile" });
const nothing = hostile("nothing", "[]");
const nullElement = hostile("null", "[null]");
const object = hostile("object", "{}");
const comma = hostile("comma", ",");
const slashes = hostile("slashes", "a//b");
const ats = hostile("ats", "a@b@c");
const capital = hostile("capital", "A_b");

/** Which containers of Multus run on a node, and how often each was made anew. */
async function multusOn(node: CaseNode): Promise<readonly string[]> {
  const { stdout } = await node.exec(["crictl", "ps", "--all", "--name", "^kube-multus$", "--output", "json"]);
  const { containers } = JSON.parse(stdout) as {
    containers: readonly { id: string; state: string; metadata: { name: string; attempt?: number } }[];
  };
  return containers.map(
    ({ id, state, metadata }) => `${metadata.name} ${id} ${state} attempt ${metadata.attempt ?? 0}`,
  );
}

suite("annotations that no program can read", () => {
  testCase(
    {
      id: "ATT-017",
      revision: 1,
      title: "Multus goes on running, and says what is wrong, whatever an annotation holds",
      layer: "L1",
      level: "extended",
      clauses: ["MULTUS-unreadable-annotation"],
      faults: ["hostile-annotation-ends-multus", "a-null-element-is-told"],
      // Where it is not so, no other pod is to be set up at that time.
      disturbs: "node",
      pods: { nothing, nullElement, object, comma, slashes, ats, capital },
    },
    async ({ pods, nodes, claim }) => {
      const multus = async () => (await Promise.all(nodes.map(multusOn))).flat();
      const before = await multus();
      await Promise.all(Object.values(pods).map(async (testPod) => testPod.create()));
      await claim("multus-keeps-running", async () => {
        expect(before, "containers of Multus").not.to.deep.equal([]);
        expect(await multus(), "containers of Multus after the pods were made").to.deep.equal(before);
      });
      await claim("empty-list-is-no-selection", () => {
        expect(pods.nothing.outcome().refused, `whether ${pods.nothing} was refused`).to.equal(false);
      });
      const reasons = [
        [pods.object, /failed to parse .*JSON format/],
        [pods.slashes, /Invalid network object/],
        [pods.ats, /Invalid network object/],
        [pods.capital, /did not match comma-delimited format/],
        [pods.comma, /cannot find a network-attachment-definition/],
      ] as const;
      for (const [testPod, reason] of reasons) {
        await claim("event-says-why", () => {
          expect(testPod.outcome().messages.join("\n"), `events of ${testPod}`).to.match(reason);
        });
      }
      await claim("null-is-answered", () => {
        const { messages } = pods.nullElement.outcome();
        expect(
          messages.filter((text) => /EOF|panic|SIGSEGV/.test(text)),
          `events of ${pods.nullElement}`,
        ).to.deep.equal([]);
      });
    },
  );
});
