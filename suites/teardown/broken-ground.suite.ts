import { expect } from "chai";
import { network, pod, scriptedPlugin, suite, testCase, type TestPod } from "../../harness/testkit/index.ts";

const refusal = { code: 110, msg: "scripted to fail" } as const;

const beside = network("tdg-beside", { type: "bridge", ipam: "host-local" });
const stubborn = network("tdg-stubborn", {
  type: "bridge",
  ipam: "host-local",
  // the last plugin is the first to be taken down: what the bridge holds stays until that one has succeeded
  edit: (list) => ({
    ...list,
    plugins: [...list.plugins, scriptedPlugin({ script: { DEL: { error: refusal, times: 1 } } })],
  }),
});
const twice = pod("tdg-twice", [beside, stubborn], { unjudged: true });

const forgotten = network("tdg-forgotten", { type: "bridge", ipam: "host-local" });
const unrecorded = pod("tdg-unrecorded", [forgotten], { unjudged: true });

const rootless = network("tdg-rootless", { type: "bridge", ipam: "host-local" });
const homeless = pod("tdg-homeless", [rootless], { unjudged: true });

const kept = network("tdg-kept", { type: "bridge", ipam: "host-local" });
const nowhere = network("tdg-nowhere", {
  type: "macvlan",
  ipam: "host-local",
  edit: (list) => ({ ...list, plugins: list.plugins.map((plugin) => ({ ...plugin, master: "plnowhere" })) }),
});
const again = pod("tdg-again", [kept, nowhere], { refused: "stays" });

/** So many show what each adds; the kubelet waits longer than ten seconds between two. */
const SETUPS = 3;
const PATIENCE_MS = 120_000;

/** Sandboxes of a pod whose setup has failed. */
async function failedSandboxes(testPod: TestPod): Promise<readonly string[]> {
  const events = await testPod.events("FailedCreatePodSandBox");
  return [...new Set(events.flatMap(({ message }) => /\b[0-9a-f]{64}\b/.exec(message) ?? []))];
}

/** What failed setups have left: files that name their sandboxes, without those of the cluster network, and links. */
async function leftOnNode(testPod: TestPod, sandboxIds: readonly string[]): Promise<readonly string[]> {
  const { files, links } = await testPod.onNode.state();
  const networks = testPod.attachments.map((attachment) => attachment.network);
  const isOurs = (path: string): boolean =>
    networks.some(({ name }) => path.includes(`/${name}/`) || path.includes(`/${name}-`)) ||
    sandboxIds.some((id) => path === `/var/lib/cni/multus/${id}`);
  return [
    ...files
      .filter(({ path, content = "" }) => isOurs(path) && sandboxIds.some((id) => `${path} ${content}`.includes(id)))
      .map(({ path }) => path),
    ...links.filter(({ master }) => networks.some(({ bridge }) => bridge === master)).map(({ ifname }) => ifname),
  ];
}

suite("deleting pods whose ground has changed", () => {
  testCase(
    {
      id: "TD-011",
      revision: 1,
      title: "an attachment whose DEL fails once is released in the end",
      layer: "L1",
      level: "extended",
      clauses: ["NPWG-7.2-teardown", "K8S-sandbox-teardown-retry"],
      faults: ["what-stands-beside-a-failed-del-is-kept", "a-failed-teardown-is-tried-again"],
      pods: { twice },
    },
    async ({ pods, claim }) => {
      const { sandboxId } = pods.twice.seen();
      await pods.twice.delete();
      const residue = await pods.twice.attachmentResidueLeft();
      const [first] = (await pods.twice.calls("DEL")).filter((call) => call.containerId === sandboxId);
      await claim("first-del-fails", () => {
        expect(first?.exitCode, `exit code of the first DEL for ${pods.twice}`).to.equal(1);
      });
      await claim("released-in-the-end", () => {
        expect(residue, `what still names ${pods.twice}`).to.deep.equal([]);
      });
    },
  );

  testCase(
    {
      id: "TD-013",
      revision: 1,
      title: "a pod whose record of attachments is lost on the node is torn down all the same while the API has it",
      layer: "L1",
      level: "extended",
      clauses: ["NPWG-7.2-teardown"],
      faults: ["an-attachment-without-a-record-is-kept"],
      pods: { unrecorded },
    },
    async ({ pods, claim }) => {
      const { sandboxId } = pods.unrecorded.seen();
      const { exitCode } = await pods.unrecorded.onNode.exec(["rm", "--", `/var/lib/cni/multus/${sandboxId}`]);
      await claim("there-was-a-record", () => {
        expect(exitCode, `exit code of rm for the record of ${pods.unrecorded}`).to.equal(0);
      });
      await pods.unrecorded.delete();
      await claim("no-residue-of-the-attachment", async () => {
        expect(await pods.unrecorded.attachmentResidueLeft(), `what still names ${pods.unrecorded}`).to.deep.equal([]);
      });
    },
  );

  testCase(
    {
      id: "TD-015",
      revision: 1,
      title: "a pod whose network namespace was removed under it is deleted, and its addresses are released",
      layer: "L1",
      level: "extended",
      clauses: ["NPWG-7.2-teardown", "CNI-2-del-of-what-is-gone"],
      faults: ["an-attachment-without-a-namespace-is-kept"],
      pods: { homeless },
    },
    async ({ pods, claim, eventually }) => {
      pods.homeless.seen();
      const name = pods.homeless.identity?.netns[0]?.name ?? "";
      // a mount of it elsewhere may be on its way out
      await claim("namespace-removed", () =>
        eventually(async () => {
          const { exitCode, stderr } = await pods.homeless.onNode.exec(["ip", "netns", "delete", name]);
          expect(exitCode, `exit code of ip netns delete for ${pods.homeless}, which says: ${stderr}`).to.equal(0);
        }),
      );
      await pods.homeless.delete();
      await claim("no-residue-of-the-attachment", async () => {
        expect(await pods.homeless.attachmentResidueLeft(), `what still names ${pods.homeless}`).to.deep.equal([]);
      });
    },
  );

  // The last one: its pod fails again and again while the others are looked at.
  testCase(
    {
      id: "TD-017",
      revision: 1,
      title: `${SETUPS} setups that fail one after the other leave no address, link or file more than none`,
      layer: "L1",
      level: "extended",
      clauses: ["CNI-3-del-after-failed-add", "K8S-sandbox-retry"],
      faults: ["every-failed-setup-keeps-an-address"],
      pods: { again },
    },
    async ({ pods, claim, eventually }) => {
      pods.again.outcome();
      let failed: readonly string[] = [];
      const tried = async (): Promise<void> => {
        failed = await failedSandboxes(pods.again);
        expect(failed.length, `setups of ${pods.again} that failed`).to.be.at.least(SETUPS);
      };
      await claim("tried-again", () => eventually(tried, { timeoutMs: PATIENCE_MS }));
      // the next setup may be under way: what it holds goes when it has failed
      const clean = async (): Promise<void> => {
        expect(await leftOnNode(pods.again, failed), `what is left of setups of ${pods.again}`).to.deep.equal([]);
      };
      await claim("nothing-piles-up", () => eventually(clean));
      await pods.again.delete();
      await claim("no-residue-of-the-attachment", async () => {
        expect(await pods.again.attachmentResidueLeft(), `what still names ${pods.again}`).to.deep.equal([]);
      });
    },
  );
});
