import { expect } from "chai";
import { network, pod, suite, testCase } from "../../harness/testkit/index.ts";

const networks = [
  network("tdn-ns-bridge", { type: "bridge", ipam: "host-local", namespace: "brief", forSubject: true }),
  network("tdn-ns-macvlan", { type: "macvlan", ipam: "host-local", namespace: "brief" }),
];
const first = pod("tdn-ns-first", networks, { namespace: "brief" });
const second = pod("tdn-ns-second", networks, { namespace: "brief" });

/** The controller of namespaces gives pods their time to end before it looks again. */
const PATIENCE_MS = 90_000;

suite("deleting namespaces", () => {
  testCase(
    {
      id: "TD-007",
      revision: 1,
      title: "a namespace goes with its pods and the definitions of their networks, and its pods leave nothing behind",
      layer: "L1",
      level: "extended",
      clauses: ["NPWG-7.2-teardown", "K8S-namespace-deletion"],
      faults: ["an-attachment-is-kept-when-its-namespace-goes"],
      pods: { first, second },
    },
    async ({ pods, claim, eventually, kube }) => {
      const both = [pods.first, pods.second];
      for (const testPod of both) testPod.seen();
      const namespace = { apiVersion: "v1", kind: "Namespace", name: pods.first.namespace };
      await kube.delete(namespace);
      await Promise.all(both.map(async (testPod) => testPod.whenGone()));
      const gone = async (): Promise<void> => {
        const { status } = (await kube.get(namespace)) ?? {};
        expect(status, `status of the namespace ${namespace.name}`).to.equal(undefined);
      };
      await claim("namespace-is-gone", () => eventually(gone, { timeoutMs: PATIENCE_MS }));
      await claim("no-residue-of-the-attachments", async () => {
        const left = await Promise.all(both.map(async (testPod) => testPod.attachmentResidueLeft()));
        expect(left.flat(), `what still names ${both.join(" or ")}`).to.deep.equal([]);
      });
    },
  );
});
