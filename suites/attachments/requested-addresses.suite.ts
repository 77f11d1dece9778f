import { expect } from "chai";
import { network, pod, scriptedNetwork, suite, testCase, type LiveNetwork } from "../../harness/testkit/index.ts";

const asked = (live: LiveNetwork): string[] => [`${live.address(142)}/24`];

const uncapable = network("rtc-no-ips", {
  type: "bridge",
  ipam: "static",
  edit: (list) => ({ ...list, plugins: list.plugins.map((plugin) => ({ ...plugin, capabilities: {} })) }),
});
const unheard = pod("rtc-no-ips", [{ network: uncapable, ips: asked }], { refused: true });

const capable = scriptedNetwork("rtc-bad-ips", (live) => ({ addresses: [`${live.address(10)}/24`] }), {
  plugin: { capabilities: { ips: true } },
});

/** Each is invalid for another reason, and an annotation is invalid as a whole: a pod for each. */
const badAddress = (key: string, ips: unknown) =>
  pod(key, [{ network: capable, keys: () => ({ ips }) }], { refused: true });

suite("requests for addresses that cannot be met", () => {
  testCase(
    {
      id: "RTC-002",
      revision: 1,
      title: "`ips` for a network none of whose plugins can take addresses fails the pod's setup",
      layer: "L1",
      clauses: ["NPWG-4.1.2.1.3.2-ips-capability"],
      faults: ["multus-refuses-addresses-without-the-capability", "bridge-ignores-ips"],
      pods: { unheard },
    },
    async ({ pods, claim }) => {
      const { refused } = pods.unheard.outcome();
      const [attachment] = pods.unheard.attachments;
      const wanted = attachment ? asked(attachment.network) : [];
      const onLinks = refused ? [] : pods.unheard.seen().links.flatMap((link) => link.addresses);
      await claim("setup-fails", () => {
        expect(
          { refused, hasTheAddress: wanted.every((address) => onLinks.includes(address)) },
          `what became of ${pods.unheard}, and whether it has ${wanted.join(", ")}`,
        ).to.deep.equal({ refused: true, hasTheAddress: false });
      });
    },
  );

  testCase(
    {
      id: "RTC-003",
      revision: 1,
      title: "an annotation whose `ips` are no list of addresses, or an empty one, attaches nothing",
      layer: "L1",
      clauses: ["NPWG-4.1.2.1.3-valid-ips"],
      faults: ["multus-refuses-an-empty-list-of-addresses", "multus-attaches-in-spite-of-a-bad-address"],
      pods: {
        octets: badAddress("rtc-bad-octets", ["300.1.1.1"]),
        length: badAddress("rtc-bad-length", ["10.1.1.1/99"]),
        text: badAddress("rtc-bad-text", "10.1.1.6/24"),
        empty: badAddress("rtc-bad-empty", []),
      },
    },
    async ({ pods, claim }) => {
      const attached: string[] = [];
      for (const testPod of [pods.octets, pods.length, pods.text, pods.empty]) {
        testPod.outcome();
        const [attachment] = testPod.attachments;
        const { ips } = attachment?.request.keys?.(attachment.network) ?? {};
        if ((await testPod.calls("ADD")).length > 0) attached.push(JSON.stringify(ips));
      }
      await claim("nothing-is-attached", () => {
        expect(attached, "values of `ips` with which a network was attached").to.deep.equal([]);
      });
    },
  );
});
