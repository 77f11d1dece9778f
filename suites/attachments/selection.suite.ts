import { expect } from "chai";
import { network, pod, suite, testCase } from "../../harness/testkit/index.ts";

const bridge = network("sel-bridge", { type: "bridge", ipam: "host-local", forSubject: true });
const macvlan = network("sel-macvlan", { type: "macvlan", ipam: "host-local" });
const bridgeStatic = network("sel-bridge-st", { type: "bridge", ipam: "static", forSubject: true });
const macvlanStatic = network("sel-macvlan-st", { type: "macvlan", ipam: "static" });
const elsewhere = network("sel-elsewhere", { type: "bridge", ipam: "host-local", namespace: "other" });

const hostLocal = pod("sel-host-local", [bridge, macvlan]);
const fixed = pod("sel-static", [bridgeStatic, macvlanStatic]);
const ordered = pod("sel-ordered", [bridge, macvlan, elsewhere]);
const orderedWithSpaces = pod("sel-spaces", [macvlan, bridge, elsewhere], { form: "short-with-spaces" });

suite("selection of networks by annotation", () => {
  testCase(
    {
      id: "ATT-001",
      revision: 1,
      title: "a short name resolves in the pod's namespace and attaches the network",
      layer: "L1",
      clauses: ["NPWG-4.1.1-short-names"],
      faults: ["macvlan-attaches-another-network"],
      pods: { hostLocal, fixed },
    },
    async ({ pods, claim }) => {
      for (const testPod of [pods.hostLocal, pods.fixed]) {
        const seen = testPod.seen();
        for (const attachment of testPod.attachments) {
          await claim("status-names-the-network", () => {
            expect(
              seen.status.map((entry) => entry.name),
              `network-status of ${testPod}`,
            ).to.include(attachment.nad);
          });
          await claim("interface-of-the-network-exists", () => {
            const inRange = seen.linksIn(attachment.network.range).map((link) => link.name);
            expect(inRange, `interfaces of ${testPod} with an address in ${attachment.network.range}`).to.have.length(
              1,
            );
          });
        }
      }
    },
  );

  testCase(
    {
      id: "ATT-003",
      revision: 1,
      title: "a list of names, with or without spaces, attaches the networks in that order",
      layer: "L1",
      clauses: ["NPWG-4.1.1-comma-list", "MULTUS-annotation-order"],
      faults: ["multus-reverses-the-list"],
      needs: ["other-namespaces"],
      pods: { ordered, orderedWithSpaces },
    },
    async ({ pods, claim }) => {
      for (const testPod of [pods.ordered, pods.orderedWithSpaces]) {
        const seen = testPod.seen();
        await claim("status-in-order", () => {
          const names = seen.status.filter((entry) => !entry.default).map((entry) => entry.name);
          expect(names, `network-status of ${testPod}`).to.deep.equal(testPod.attachments.map((a) => a.nad));
        });
        await claim("interfaces-in-order", () => {
          const byNetwork = testPod.attachments.map((a) => seen.linksIn(a.network.range).map((link) => link.name));
          expect(byNetwork, `interfaces of ${testPod} by network`).to.deep.equal(
            testPod.attachments.map((_, i) => [`net${i + 1}`]),
          );
        });
      }
    },
  );

  testCase(
    {
      id: "ATT-009",
      revision: 1,
      title: "interface names that nobody asked for are net1, net2, ... and unique in the pod",
      layer: "L1",
      clauses: ["NPWG-4.2.1-unique-interfaces", "MULTUS-net-n"],
      faults: ["multus-names-interfaces-otherwise"],
      pods: { hostLocal, fixed },
    },
    async ({ pods, claim }) => {
      for (const testPod of [pods.hostLocal, pods.fixed]) {
        const names = testPod.seen().links.map((link) => link.name);
        await claim("generated-names", () => {
          const expected = ["lo", "eth0", ...testPod.attachments.map((_, i) => `net${i + 1}`)];
          expect(names.toSorted(), `interfaces of ${testPod}`).to.deep.equal(expected.toSorted());
        });
      }
    },
  );
});
