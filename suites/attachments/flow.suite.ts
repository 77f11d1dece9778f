import { expect } from "chai";
import { pod, scriptedNetwork, suite, testCase, type PluginCall } from "../../harness/testkit/index.ts";

const refusal = { code: 110, msg: "scripted to fail" } as const;

const first = scriptedNetwork("flw-first");
const failing = scriptedNetwork("flw-failing", () => ({ script: { ADD: { error: refusal } } }));
const last = scriptedNetwork("flw-last");
const refused = pod("flw-refused", [first, failing, last], { refused: true });

const three = ["a", "b", "c"].map((letter) =>
  scriptedNetwork(`flw-${letter}`, (live) => ({ addresses: [`${live.address(10)}/24`] })),
);
const inOrder = pod("flw-in-order", three);

const beforeStubborn = scriptedNetwork("flw-before");
const stubborn = scriptedNetwork("flw-stubborn", () => ({ script: { DEL: { error: refusal, times: 1 } } }));
const afterStubborn = scriptedNetwork("flw-after");
const hardToRemove = pod("flw-hard-to-remove", [beforeStubborn, stubborn, afterStubborn], { unjudged: true });

/** Names of networks in the order of the calls, those of one sandbox. */
const networksOf = (calls: readonly PluginCall[], sandboxId?: string): readonly string[] =>
  calls.filter((call) => sandboxId === undefined || call.containerId === sandboxId).map((call) => call.network);

suite("the flow of attachments", () => {
  testCase(
    {
      id: "FLW-001",
      revision: 1,
      title: "a failing attachment fails the pod's setup, and later ones are not attempted",
      layer: "L1",
      clauses: ["NPWG-7.2-failure-fails-setup"],
      faults: ["multus-attempts-what-comes-after-a-failure"],
      pods: { refused },
    },
    async ({ pods, claim }) => {
      const { messages, refused: wasRefused } = pods.refused.outcome();
      await claim("setup-fails", () => {
        expect(wasRefused, `whether ${pods.refused} was refused`).to.equal(true);
        expect(messages.join("\n"), `events of ${pods.refused}`).to.contain(refusal.msg);
      });
      const added = networksOf(await pods.refused.calls("ADD"));
      const [ok, bad, never] = pods.refused.attachments.map(({ network }) => network.name);
      await claim("earlier-ones-attempted", () => {
        expect(added, `networks that were asked to ADD ${pods.refused}`).to.include.members([ok, bad]);
      });
      await claim("later-ones-not-attempted", () => {
        expect(added, `networks that were asked to ADD ${pods.refused}`).not.to.include(never);
      });
    },
  );

  testCase(
    {
      id: "FLW-002",
      revision: 1,
      title: "a failed attachment and all before it are taken down, the last one first",
      layer: "L1",
      clauses: ["MULTUS-rollback", "CNI-3-del-after-failed-add"],
      faults: ["rollback-forgets-the-first-attachment"],
      pods: { refused },
    },
    async ({ pods, claim }) => {
      pods.refused.outcome();
      const calls = await pods.refused.calls();
      const sandbox = calls[0]?.containerId;
      const [ok, bad] = pods.refused.attachments.map(({ network }) => network.name);
      const sequence = calls
        .filter((call) => call.containerId === sandbox && [ok, bad].includes(call.network))
        .slice(0, 4)
        .map((call) => `${call.command} ${call.network}`);
      await claim("reverse-order", () => {
        expect(sequence, `calls for the first sandbox of ${pods.refused}`).to.deep.equal([
          `ADD ${ok}`,
          `ADD ${bad}`,
          `DEL ${bad}`,
          `DEL ${ok}`,
        ]);
      });
    },
  );

  testCase(
    {
      id: "FLW-006",
      revision: 1,
      title: "operations for one pod do not overlap",
      layer: "L1",
      clauses: ["NPWG-7.3-no-parallel-operations"],
      faults: ["scripted-plugin-is-called-twice-at-once"],
      pods: { inOrder },
    },
    async ({ pods, claim }) => {
      pods.inOrder.seen();
      const calls = await pods.inOrder.calls();
      await claim("every-network-is-asked", () => {
        expect(networksOf(calls), `networks of the calls for ${pods.inOrder}`).to.include.members(
          pods.inOrder.attachments.map(({ network }) => network.name),
        );
      });
      await claim("one-after-the-other", () => {
        const overlapping = calls.filter((call, i) => i > 0 && call.startNs < (calls[i - 1]?.endNs ?? 0));
        expect(
          networksOf(overlapping),
          `calls for ${pods.inOrder} that began before the one before had ended`,
        ).to.deep.equal([]);
      });
    },
  );

  testCase(
    {
      id: "FLW-003",
      revision: 1,
      title: "teardown calls DEL for every attachment, the last one first",
      layer: "L1",
      clauses: ["NPWG-7.2-teardown", "MULTUS-teardown-order"],
      faults: ["scripted-plugin-misses-a-del"],
      pods: { inOrder },
    },
    async ({ pods, claim }) => {
      const { sandboxId } = pods.inOrder.seen();
      await pods.inOrder.delete();
      const deleted = networksOf(await pods.inOrder.calls("DEL"), sandboxId);
      const wanted = pods.inOrder.attachments.map(({ network }) => network.name).toReversed();
      await claim("every-attachment-in-reverse", () => {
        expect(deleted.slice(0, wanted.length), `networks that were asked to DEL ${pods.inOrder}`).to.deep.equal(
          wanted,
        );
      });
    },
  );

  testCase(
    {
      id: "FLW-004",
      revision: 1,
      title: "one failing DEL does not keep the others from being called",
      layer: "L1",
      clauses: ["NPWG-7.2-teardown"],
      faults: ["teardown-stops-at-the-first-failure"],
      pods: { hardToRemove },
    },
    async ({ pods, claim }) => {
      const { sandboxId } = pods.hardToRemove.seen();
      await pods.hardToRemove.delete();
      const calls = (await pods.hardToRemove.calls("DEL")).filter((call) => call.containerId === sandboxId);
      const failed = calls.filter((call) => call.exitCode !== 0).map((call) => call.network);
      await claim("one-failed", () => {
        expect(failed, `networks whose DEL failed for ${pods.hardToRemove}`).to.deep.equal([
          pods.hardToRemove.attachments[1]?.network.name,
        ]);
      });
      await claim("the-others-are-called", () => {
        expect(networksOf(calls), `networks that were asked to DEL ${pods.hardToRemove}`).to.include.members(
          pods.hardToRemove.attachments.map(({ network }) => network.name),
        );
      });
    },
  );
});
