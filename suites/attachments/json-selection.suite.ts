import { expect } from "chai";
import {
  network,
  pod,
  scriptedNetwork,
  scriptedPlugin,
  suite,
  testCase,
  type LiveNetwork,
  type PluginCall,
} from "../../harness/testkit/index.ts";

const addressed = (live: LiveNetwork) => ({ addresses: [`${live.address(10)}/24`] });

const own = scriptedNetwork("att-own", addressed);
const second = scriptedNetwork("att-second", addressed);
const elsewhere = scriptedNetwork("att-elsewhere", addressed, { namespace: "other" });
// Its leases tell two attachments apart, and the scripted plugin behind it writes down how it was called.
const repeated = network("att-twice", {
  type: "bridge",
  ipam: "host-local",
  edit: (list) => ({ ...list, plugins: [...list.plugins, scriptedPlugin({ link: "none" })] }),
});

const outside = pod("att-outside", [elsewhere]);
const asJson = pod("att-json", [own, elsewhere], { form: "json" });
const bare = pod("att-bare", [own, second], {
  annotation: (live) =>
    JSON.stringify([
      { name: live(own).name, interface: "att-lan" },
      { name: live(second).name, namespace: "", interface: "att-wan" },
    ]),
});
const bareNames = ["att-lan", "att-wan"];
const twice = pod("att-twice", [repeated, repeated]);

/** What makes an attachment, by the specification of CNI. */
const attachmentOf = ({ containerId, network: name, ifname }: PluginCall): string => `${containerId} ${name} ${ifname}`;

suite("selection of networks by JSON, and by names in other namespaces", () => {
  testCase(
    {
      id: "ATT-002",
      revision: 1,
      title: "a name with a namespace before it resolves in that namespace",
      layer: "L1",
      clauses: ["NPWG-4.1.1-names-elsewhere"],
      faults: ["name-elsewhere-leads-to-another-network"],
      needs: ["other-namespaces"],
      pods: { outside },
    },
    async ({ pods, claim }) => {
      const seen = pods.outside.seen();
      for (const { nad, network: live } of pods.outside.attachments) {
        await claim("status-names-the-network", () => {
          const names = seen.status.filter((entry) => !entry.default).map((entry) => entry.name);
          expect(names, `networks in network-status of ${pods.outside}`).to.deep.equal([nad]);
        });
        await claim("interface-of-the-network-exists", () => {
          const names = seen.linksIn(live.range).map((link) => link.name);
          expect(names, `interfaces of ${pods.outside} with an address in ${live.range}`).to.have.length(1);
        });
      }
    },
  );

  testCase(
    {
      id: "ATT-005",
      revision: 1,
      title: "a list in JSON attaches each of its networks, in that order",
      layer: "L1",
      clauses: ["NPWG-4.1.2-json-list", "NPWG-4.1.2.1.2-namespace", "MULTUS-annotation-order"],
      faults: ["multus-takes-the-first-of-a-json-list"],
      needs: ["other-namespaces"],
      pods: { asJson },
    },
    async ({ pods, claim }) => {
      const seen = pods.asJson.seen();
      await claim("status-in-order", () => {
        const names = seen.status.filter((entry) => !entry.default).map((entry) => entry.name);
        expect(names, `network-status of ${pods.asJson}`).to.deep.equal(pods.asJson.attachments.map((a) => a.nad));
      });
      await claim("interfaces-in-order", () => {
        const byNetwork = pods.asJson.attachments.map((a) => seen.linksIn(a.network.range).map((link) => link.name));
        expect(byNetwork, `interfaces of ${pods.asJson} by network`).to.deep.equal([["net1"], ["net2"]]);
      });
    },
  );

  testCase(
    {
      id: "ATT-006",
      revision: 1,
      title: "an element without a namespace, or with an empty one, means the pod's own",
      layer: "L1",
      clauses: ["NPWG-4.1.2.1.1-name"],
      faults: ["element-without-namespace-leads-to-another-network"],
      pods: { bare },
    },
    async ({ pods, claim }) => {
      const seen = pods.bare.seen();
      for (const { nad, network: live } of pods.bare.attachments) {
        await claim("status-names-the-network", () => {
          expect(
            seen.status.map((entry) => entry.name),
            `network-status of ${pods.bare}`,
          ).to.include(nad);
        });
        await claim("interface-of-the-network-exists", () => {
          const names = seen.linksIn(live.range).map((link) => link.name);
          expect(names, `interfaces of ${pods.bare} with an address in ${live.range}`).to.have.length(1);
        });
      }
    },
  );

  testCase(
    {
      id: "ATT-010",
      revision: 1,
      title: "`interface` is the CNI_IFNAME of the plugin's call and the name of the interface in the pod",
      layer: "L1",
      clauses: ["NPWG-4.1.2.1.5-interface"],
      faults: ["multus-ignores-requested-interface-names"],
      pods: { bare },
    },
    async ({ pods, claim }) => {
      const seen = pods.bare.seen();
      const added = (await pods.bare.calls("ADD")).filter((call) => call.containerId === seen.sandboxId);
      await claim("plugin-is-given-the-name", () => {
        expect(
          added.map((call) => call.ifname),
          `CNI_IFNAME of the ADD calls for ${pods.bare}`,
        ).to.deep.equal(bareNames);
      });
      await claim("interface-has-the-name", () => {
        const names = pods.bare.attachments.map((a) => seen.linksIn(a.network.range).map((link) => link.name));
        expect(names, `interfaces of ${pods.bare} by network`).to.deep.equal(bareNames.map((name) => [name]));
      });
      await claim("status-has-the-name", () => {
        const said = seen.status.filter((entry) => !entry.default).map((entry) => `${entry.interface}`);
        expect(said.toSorted(), `interfaces in network-status of ${pods.bare}`).to.deep.equal(bareNames.toSorted());
      });
    },
  );

  testCase(
    {
      id: "ATT-014",
      revision: 1,
      title: "a network named twice is attached twice: two interfaces, two addresses, two status entries",
      layer: "L1",
      clauses: ["NPWG-4.2-same-network-twice"],
      faults: ["multus-attaches-a-repeated-network-once"],
      pods: { twice },
    },
    async ({ pods, claim }) => {
      const seen = pods.twice.seen();
      const [first] = pods.twice.attachments;
      const entries = seen.status.filter((entry) => entry.name === first?.nad);
      await claim("two-status-entries", () => {
        expect(
          entries.map((entry) => `${entry.interface}`).toSorted(),
          `interfaces of ${first?.nad} in network-status of ${pods.twice}`,
        ).to.deep.equal(["net1", "net2"]);
      });
      const links = seen.linksIn(first?.network.range ?? "");
      await claim("two-interfaces", () => {
        expect(
          links.map((link) => link.name).toSorted(),
          `interfaces of ${pods.twice} with an address in ${first?.network.range}`,
        ).to.deep.equal(["net1", "net2"]);
      });
      await claim("two-addresses", () => {
        const addresses = links.flatMap((link) => seen.addressesOf(link.name));
        expect(new Set(addresses).size, `different addresses of ${pods.twice}: ${addresses.join(", ")}`).to.equal(2);
      });
    },
  );

  testCase(
    {
      id: "ATT-015",
      revision: 1,
      title: "DEL of an attachment names the container, network and interface that its ADD did",
      layer: "L1",
      clauses: ["NPWG-4.2.1-same-attachment"],
      faults: ["del-names-another-interface"],
      pods: { twice },
    },
    async ({ pods, claim }) => {
      const { sandboxId } = pods.twice.seen();
      await pods.twice.delete();
      const calls = (await pods.twice.calls()).filter((call) => call.containerId === sandboxId);
      const attachments = (command: string): readonly string[] =>
        [...new Set(calls.filter((call) => call.command === command).map(attachmentOf))].toSorted();
      const added = attachments("ADD");
      await claim("del-is-for-what-was-added", () => {
        expect(added, `attachments that were made for ${pods.twice}`).not.to.deep.equal([]);
        expect(attachments("DEL"), `attachments whose DEL was called for ${pods.twice}`).to.deep.equal(added);
      });
    },
  );
});
