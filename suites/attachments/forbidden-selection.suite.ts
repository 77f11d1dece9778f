import { expect } from "chai";
import { pod, scriptedNetwork, suite, testCase } from "../../harness/testkit/index.ts";

const own = scriptedNetwork("flw-own");
const foreign = scriptedNetwork("flw-foreign", undefined, { namespace: "other" });
// one that gets through against the rules has no status, and is to be seen all the same
const forbidden = pod("flw-forbidden", [own, foreign], { refused: true, mayLackStatus: true });
const allowed = pod("flw-allowed", [own]);

suite("selections that a policy forbids", () => {
  testCase(
    {
      id: "FLW-008",
      revision: 1,
      title: "a pod that selects a network it must not have fails its setup, and gets none of the others",
      layer: "L1",
      level: "extended",
      clauses: ["NPWG-7.4-forbidden-selection", "MULTUS-namespace-isolation"],
      faults: ["a-forbidden-selection-is-passed-over", "a-forbidden-selection-is-not-explained"],
      needs: ["namespace-isolation"],
      pods: { forbidden, allowed },
    },
    async ({ pods, claim }) => {
      const { refused, messages } = pods.forbidden.outcome();
      const [, target] = pods.forbidden.attachments;
      await claim("setup-fails", () => {
        expect(refused, `whether ${pods.forbidden} was refused`).to.equal(true);
      });
      await claim("event-names-both-namespaces", () => {
        expect(messages.join("\n"), `events of ${pods.forbidden}`).to.contain(
          `pod is in namespace ${pods.forbidden.namespace} but refers to target namespace ${target?.network.namespace}`,
        );
      });
      const added = (await pods.forbidden.calls("ADD")).map(({ network }) => network);
      await claim("nothing-is-attached", () => {
        expect(added, `networks that were asked to ADD ${pods.forbidden}`).to.deep.equal([]);
      });
      await claim("own-namespace-works", () => {
        expect(
          pods.allowed.seen().status.map(({ name }) => name),
          `network-status of ${pods.allowed}`,
        ).to.include(pods.allowed.attachments[0]?.nad);
      });
    },
  );
});
