import { expect } from "chai";
import { network, pod, scriptedNetwork, suite, testCase, type LiveNetwork } from "../../harness/testkit/index.ts";

const asked = (live: LiveNetwork): string => live.mac;

const scripted = scriptedNetwork("rtc-mac-rec", (live) => ({ addresses: [`${live.address(10)}/24`] }), {
  plugin: { capabilities: { mac: true } },
});
const requested = pod("rtc-mac", [
  { network: network("rtc-mac-bridge", { type: "bridge", ipam: "static", forSubject: "mac" }), mac: asked },
  { network: network("rtc-mac-macvlan", { type: "macvlan", ipam: "static" }), mac: asked },
  { network: scripted, mac: asked },
]);

const uncapable = network("rtc-no-mac", {
  type: "macvlan",
  ipam: "static",
  edit: (list) => ({ ...list, plugins: list.plugins.map((plugin) => ({ ...plugin, capabilities: {} })) }),
});
const unheard = pod("rtc-no-mac", [{ network: uncapable, mac: asked }], { refused: true });

// Without a link: the kernel would refuse what Multus lets through, and the pod would be tried again and again.
const without = { link: "none" } as const;
const badMac = (key: string, macs: readonly string[]) =>
  pod(
    key,
    macs.map((mac, i) => ({
      network: scriptedNetwork(`${key}-${i + 1}`, () => without, { plugin: { capabilities: { mac: true } } }),
      mac,
    })),
    { refused: true, unjudged: true },
  );

suite("requests for MAC addresses", () => {
  testCase(
    {
      id: "RTC-004",
      revision: 1,
      title: "a MAC address asked for by `mac` is handed to the plugin, on the interface, and in the status",
      layer: "L1",
      clauses: ["NPWG-4.1.2.1.4-requested-mac"],
      faults: ["mac-is-not-handed-on", "bridge-ignores-mac", "bridge-lies-about-mac"],
      pods: { requested },
    },
    async ({ pods, claim }) => {
      const { links, status } = pods.requested.seen();
      const last = pods.requested.attachments.at(-1)?.network;
      const [call] = await pods.requested.calls("ADD");
      await claim("mac-in-runtime-config", () => {
        const { runtimeConfig } = (call?.stdin ?? {}) as { runtimeConfig?: unknown };
        expect(runtimeConfig, `runtimeConfig of ${last?.name} for ${pods.requested}`).to.deep.equal({ mac: last?.mac });
      });
      const wanted = pods.requested.attachments.map(({ network: live }, i) => ({ link: `net${i + 1}`, mac: live.mac }));
      await claim("mac-on-link", () => {
        const real = wanted.map(({ link }) => ({ link, mac: links.find(({ name }) => name === link)?.mac }));
        expect(real, `MAC addresses of the interfaces of ${pods.requested}`).to.deep.equal(wanted);
      });
      await claim("mac-in-status", () => {
        const said = wanted.map(({ link }) => ({ link, mac: status.find((entry) => entry.interface === link)?.mac }));
        expect(said, `MAC addresses in network-status of ${pods.requested}`).to.deep.equal(wanted);
      });
    },
  );

  testCase(
    {
      id: "RTC-005",
      revision: 1,
      title: "`mac` for a network none of whose plugins can take a MAC address fails the pod's setup",
      layer: "L1",
      clauses: ["NPWG-4.1.2.1.4.2-mac-capability"],
      faults: ["multus-refuses-a-mac-without-the-capability", "mac-without-the-capability-is-lost"],
      pods: { unheard },
    },
    async ({ pods, claim }) => {
      const { refused } = pods.unheard.outcome();
      const mac = pods.unheard.network.mac;
      const links = refused ? [] : pods.unheard.seen().links;
      await claim("setup-fails", () => {
        expect(
          { refused, hasTheMac: links.some((link) => link.mac === mac) },
          `what became of ${pods.unheard}, and whether it has ${mac}`,
        ).to.deep.equal({ refused: true, hasTheMac: false });
      });
    },
  );

  testCase(
    {
      id: "RTC-006",
      revision: 1,
      title: "an annotation whose `mac` is not one of 6 bytes attaches nothing",
      layer: "L1",
      clauses: ["NPWG-4.1.2.1.4-valid-mac"],
      faults: ["multus-refuses-a-mac-of-another-length", "multus-attaches-in-spite-of-a-bad-mac"],
      pods: {
        digits: badMac("rtc-bad-mac", ["02:00:5e:00:53:zz"]),
        length: badMac("rtc-long-mac", [
          "02:00:5e:10:00:00:00:01",
          "00:00:00:00:fe:80:00:00:00:00:00:00:02:00:5e:10:00:00:00:01",
        ]),
      },
    },
    async ({ pods, claim }) => {
      const attached: unknown[] = [];
      for (const testPod of [pods.digits, pods.length]) {
        testPod.outcome();
        const called = new Set((await testPod.calls("ADD")).map((call) => call.network));
        const macs = testPod.attachments.filter(({ network: live }) => called.has(live.name));
        attached.push(...macs.map(({ request }) => request.mac));
      }
      await claim("nothing-is-attached", () => {
        expect(attached, "values of `mac` with which a network was attached").to.deep.equal([]);
      });
    },
  );
});
