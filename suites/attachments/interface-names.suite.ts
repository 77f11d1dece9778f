import { expect } from "chai";
import { pod, scriptedNetwork, suite, testCase, type LiveNetwork } from "../../harness/testkit/index.ts";

const addressed = (live: LiveNetwork) => ({ addresses: [`${live.address(10)}/24`] });
const first = scriptedNetwork("att-if-first", addressed);
const second = scriptedNetwork("att-if-second", addressed);

const longest = "att-fifteen-chr";
const accepted = pod("att-longest", [{ network: first, interface: longest }]);
const tooLong = pod("att-invalid-long", [{ network: first, interface: `${longest}s` }], { refused: true });
const withSlash = pod("att-invalid-slash", [{ network: first, interface: "att/lan" }], { refused: true });
const withBlank = pod("att-invalid-blank", [{ network: first, interface: "att lan" }], { refused: true });

const sameName = pod(
  "att-same-name",
  [
    { network: first, interface: "att-lan" },
    { network: second, interface: "att-lan" },
  ],
  { refused: true },
);
const eth0 = pod("att-eth0", [{ network: first, interface: "eth0" }], { refused: true });
// The second attachment would get the name net2 by its place in the list.
const collides = pod("att-collides", [{ network: first, interface: "net2" }, second], { refused: true });

suite("names of interfaces that a pod asks for", () => {
  testCase(
    {
      id: "ATT-013",
      revision: 1,
      title: "a name of 15 characters is accepted; with one that is none for an interface the annotation is ignored",
      layer: "L1",
      clauses: ["NPWG-4.1.2.1.5-invalid-name"],
      faults: ["multus-mends-invalid-interface-names", "multus-ignores-invalid-interface-names"],
      pods: { accepted, tooLong, withSlash, withBlank },
    },
    async ({ pods, claim }) => {
      const names = pods.accepted.seen().links.map((link) => link.name);
      await claim("fifteen-characters-accepted", () => {
        expect(names, `interfaces of ${pods.accepted}`).to.include(longest);
      });
      const invalid = [pods.tooLong, pods.withSlash, pods.withBlank];
      for (const testPod of invalid) {
        testPod.outcome();
        const added = (await testPod.calls("ADD")).map((call) => call.ifname);
        await claim("no-attachment-of-another-name", () => {
          expect(added, `CNI_IFNAME of the ADD calls for ${testPod}`).to.deep.equal([]);
        });
      }
      await claim("annotation-ignored", () => {
        const messages = invalid.flatMap((testPod) => testPod.outcome().messages);
        expect(messages, `why pods were refused: ${invalid.join(", ")}`).to.deep.equal([]);
      });
    },
  );

  testCase(
    {
      id: "ATT-011",
      revision: 1,
      title: "an attachment that asks for the name of an interface that the pod has already fails",
      layer: "L1",
      clauses: ["NPWG-4.1.2.1.5-name-in-use", "NPWG-7.2-failure-fails-setup"],
      faults: ["multus-ignores-requested-interface-names"],
      pods: { sameName, eth0 },
    },
    async ({ pods, claim }) => {
      for (const [testPod, name] of [
        [pods.sameName, "att-lan"],
        [pods.eth0, "eth0"],
      ] as const) {
        const { refused, messages } = testPod.outcome();
        await claim("setup-fails", () => {
          expect(refused, `whether ${testPod} was refused`).to.equal(true);
        });
        await claim("event-says-why", () => {
          expect(messages.join("\n"), `events of ${testPod}`).to.match(new RegExp(`${name}"? already exists`));
        });
      }
    },
  );

  testCase(
    {
      id: "ATT-012",
      revision: 1,
      title: "a name that is asked for and is also generated for a later attachment makes the setup fail",
      layer: "L1",
      level: "extended",
      clauses: ["MULTUS-name-in-use", "NPWG-4.2.1-unique-interfaces"],
      faults: ["multus-ignores-requested-interface-names"],
      pods: { collides },
    },
    async ({ pods, claim }) => {
      const { refused, messages } = pods.collides.outcome();
      await claim("setup-fails", () => {
        expect(refused, `whether ${pods.collides} was refused`).to.equal(true);
      });
      await claim("event-says-why", () => {
        expect(messages.join("\n"), `events of ${pods.collides}`).to.match(/net2"? already exists/);
      });
    },
  );
});
