import { expect } from "chai";
import { network, pod, suite, testCase } from "../../harness/testkit/index.ts";

const bridge = network("sta-bridge", { type: "bridge", ipam: "host-local", forSubject: true });
const macvlan = network("sta-macvlan", { type: "macvlan", ipam: "host-local" });
const bridgeStatic = network("sta-bridge-st", { type: "bridge", ipam: "static", forSubject: true });
const macvlanStatic = network("sta-macvlan-st", { type: "macvlan", ipam: "static" });

const hostLocal = pod("sta-host-local", [bridge, macvlan]);
const fixed = pod("sta-static", [bridgeStatic, macvlanStatic]);
const plain = pod("sta-plain", []);

suite("network-status annotation", () => {
  testCase(
    {
      id: "STA-001",
      revision: 1,
      title: "one entry an attachment and one for the cluster network, also for pods without an annotation",
      layer: "L1",
      clauses: ["NPWG-5-status-list", "NPWG-5.2-default-entry"],
      faults: ["status-misses-an-entry"],
      pods: { hostLocal, fixed, plain },
    },
    async ({ pods, claim }) => {
      for (const testPod of [pods.hostLocal, pods.fixed, pods.plain]) {
        const { status } = testPod.seen();
        await claim("one-entry-an-attachment", () => {
          expect(status, `network-status of ${testPod}`).to.have.length(testPod.attachments.length + 1);
        });
        await claim("one-default-entry", () => {
          expect(
            status.filter((entry) => entry.default),
            `default entries of ${testPod}`,
          ).to.have.length(1);
        });
      }
    },
  );

  testCase(
    {
      id: "STA-003",
      revision: 1,
      title: "an entry is named NAMESPACE/NAME, that of the cluster network as its CNI configuration",
      layer: "L1",
      clauses: ["NPWG-5.3.1-name", "MULTUS-namespaced-status-name"],
      faults: ["status-name-without-namespace", "status-without-cluster-name"],
      pods: { hostLocal, fixed, plain },
    },
    async ({ pods, claim }) => {
      for (const testPod of [pods.hostLocal, pods.fixed, pods.plain]) {
        const { status, clusterNetwork } = testPod.seen();
        await claim("attachment-names", () => {
          const known = new Set(testPod.attachments.map((a) => a.nad));
          const strange = status.filter((entry) => !entry.default).filter((entry) => !known.has(entry.name));
          expect(
            strange.map((entry) => entry.name),
            `names in network-status of ${testPod} that are none of ${[...known].join(", ")}`,
          ).to.deep.equal([]);
        });
        await claim("cluster-network-name", () => {
          const names = status.filter((entry) => entry.default).map((entry) => entry.name);
          expect(names, `name of the default entry of ${testPod}`).to.deep.equal([clusterNetwork]);
        });
      }
    },
  );

  testCase(
    {
      id: "STA-004",
      revision: 1,
      title: "interface and mac of an entry are those of the pod",
      layer: "L1",
      clauses: ["NPWG-5.3.2-interface", "NPWG-5.3.4-mac"],
      faults: ["bridge-lies-about-mac"],
      pods: { hostLocal, fixed, plain },
    },
    async ({ pods, claim }) => {
      for (const testPod of [pods.hostLocal, pods.fixed, pods.plain]) {
        const { status, links } = testPod.seen();
        await claim("mac-equals-link", () => {
          const said = status.map((entry) => ({ interface: entry.interface, mac: entry.mac }));
          const real = status.map((entry) => {
            const link = links.find((l) => l.name === entry.interface);
            return { interface: link?.name, mac: link?.mac };
          });
          expect(said, `interfaces and MACs in network-status of ${testPod}`).to.deep.equal(real);
        });
      }
    },
  );

  testCase(
    {
      id: "STA-005",
      revision: 1,
      title: "ips of an entry are the addresses of that interface in the pod",
      layer: "L1",
      clauses: ["NPWG-5.3.3-ips"],
      faults: ["bridge-lies-about-address"],
      pods: { hostLocal, fixed, plain },
    },
    async ({ pods, claim }) => {
      for (const testPod of [pods.hostLocal, pods.fixed, pods.plain]) {
        const seen = testPod.seen();
        // An entry whose interface is not in the pod is STA-004's business.
        const judged = seen.status.filter((entry) => seen.links.some((link) => link.name === entry.interface));
        await claim("ips-equal-link", () => {
          expect(judged, `entries of ${testPod} with an interface in the pod`).not.to.deep.equal([]);
          const said = judged.map((entry) => ({ interface: entry.interface, ips: entry.ips.toSorted() }));
          const real = judged.map((entry) => ({
            interface: entry.interface,
            ips: seen.addressesOf(entry.interface ?? "").toSorted(),
          }));
          expect(said, `ips in network-status of ${testPod}`).to.deep.equal(real);
        });
      }
    },
  );
});
