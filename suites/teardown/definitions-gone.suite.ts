import { expect } from "chai";
import { network, pod, scriptedNetwork, suite, testCase, type PluginCall } from "../../harness/testkit/index.ts";

const gone = network("tdn-gone", { type: "bridge", ipam: "host-local", forSubject: true });
const orphaned = pod("tdn-orphaned", [gone]);

const changed = scriptedNetwork("tdn-changed", (live) => ({ addresses: [`${live.address(10)}/24`] }));
const outdated = pod("tdn-outdated", [changed]);

const beforeFailure = network("tdn-before-failure", { type: "bridge", ipam: "host-local", forSubject: true });
const failing = scriptedNetwork("tdn-failing", () => ({ script: { ADD: { error: { code: 110, msg: "scripted" } } } }));
const stuck = pod("tdn-stuck", [beforeFailure, failing], { refused: "stays" });

/** The part of a call's configuration that the definition gave. */
const scriptOf = ({ stdin }: PluginCall): unknown => (stdin as { rec?: unknown }).rec;

suite("deleting pods whose setup or definitions have changed", () => {
  testCase(
    {
      id: "TD-005",
      revision: 1,
      title: "a pod whose definition was deleted before it is torn down completely",
      layer: "L1",
      clauses: ["NPWG-7.2-teardown", "MULTUS-teardown-from-cache"],
      faults: ["teardown-needs-the-definition"],
      pods: { orphaned },
      networks: { gone },
    },
    async ({ pods, networks, claim }) => {
      pods.orphaned.seen();
      await networks.gone.remove();
      await pods.orphaned.delete();
      await claim("no-residue-of-the-attachment", async () => {
        expect(await pods.orphaned.attachmentResidueLeft(), `what still names ${pods.orphaned}`).to.deep.equal([]);
      });
    },
  );

  testCase(
    {
      id: "TD-006",
      revision: 1,
      title: "DEL is given the configuration that ADD was given, whatever became of the definition since",
      layer: "L1",
      clauses: ["MULTUS-teardown-from-cache"],
      faults: ["teardown-takes-the-definition-of-now"],
      pods: { outdated },
      networks: { changed },
    },
    async ({ pods, networks, claim }) => {
      const { sandboxId } = pods.outdated.seen();
      const other = `${networks.changed.live.address(99)}/24`;
      await networks.changed.replace({
        cniVersion: "1.0.0",
        plugins: [{ type: "plumbline-rec", rec: { addresses: [other] } }],
      });
      await pods.outdated.delete();
      const calls = (await pods.outdated.calls()).filter((call) => call.containerId === sandboxId);
      const [added] = calls.filter((call) => call.command === "ADD").map(scriptOf);
      const deleted = calls.filter((call) => call.command === "DEL").map(scriptOf);
      await claim("configuration-of-the-add", () => {
        expect(deleted, `configurations of DEL for ${pods.outdated}`).not.to.deep.equal([]);
        expect(deleted[0], `configuration of the first DEL for ${pods.outdated}`).to.deep.equal(added);
      });
    },
  );

  testCase(
    {
      id: "TD-018",
      revision: 1,
      title: "a pod that is deleted while its setup goes on failing leaves nothing behind",
      layer: "L1",
      level: "extended",
      clauses: ["CNI-2-del-releases", "CNI-3-del-after-failed-add"],
      faults: ["rollback-forgets-what-was-attached"],
      pods: { stuck },
    },
    async ({ pods, claim }) => {
      const { refused } = pods.stuck.outcome();
      await claim("setup-fails", () => {
        expect(refused, `whether ${pods.stuck} was refused`).to.equal(true);
      });
      await pods.stuck.delete();
      await claim("no-residue-of-the-attachment", async () => {
        expect(await pods.stuck.attachmentResidueLeft(), `what still names ${pods.stuck}`).to.deep.equal([]);
      });
    },
  );
});
