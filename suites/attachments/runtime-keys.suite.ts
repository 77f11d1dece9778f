import { expect } from "chai";
import { network, pod, suite, testCase, type ListConfig, type LiveNetwork } from "../../harness/testkit/index.ts";

const asked = (live: LiveNetwork): string[] => [`${live.address(142)}/24`];

const requests = (["bridge", "macvlan"] as const).flatMap((type) =>
  (["host-local", "static"] as const).map((ipam) => ({
    network: network(`rtc-${type}-${ipam === "static" ? "st" : "hl"}`, {
      type,
      ipam,
      forSubject: type === "bridge" && "ips",
    }),
    ips: asked,
  })),
);

/** One of each family. */
const both = (live: LiveNetwork): string[] => [...asked(live), `${live.address6(142)}/64`];

type Ranges = { readonly ranges: readonly unknown[] };
const withIpv6 = (list: ListConfig, live: LiveNetwork): ListConfig => ({
  ...list,
  plugins: list.plugins.map((plugin) => {
    const { ranges } = plugin["ipam"] as Ranges;
    return { ...plugin, ipam: { ...(plugin["ipam"] as Ranges), ranges: [...ranges, [{ subnet: live.range6 }]] } };
  }),
});
const dual = { network: network("rtc-dual-st", { type: "bridge", ipam: "static" }), ips: both };
const requested = pod("rtc-ips", [...requests, dual]);
// It is to become ready; but where it is refused, that is told at once.
const ofRanges = pod(
  "rtc-dual",
  [{ network: network("rtc-dual-hl", { type: "bridge", ipam: "host-local", edit: withIpv6 }), ips: both }],
  { refused: true },
);

suite("runtime keys of an attachment", () => {
  testCase(
    {
      id: "RTC-001",
      revision: 2,
      title: "addresses asked for by `ips` are on the interface, for host-local and static on bridge and macvlan",
      layer: "L1",
      clauses: ["NPWG-4.1.2.1.3-requested-ips"],
      faults: ["bridge-ignores-ips", "macvlan-ignores-ips"],
      pods: { requested },
    },
    async ({ pods, claim }) => {
      const seen = pods.requested.seen();
      for (const { network: live, request } of pods.requested.attachments) {
        await claim("requested-address-on-link", () => {
          const addresses = seen.linksIn(live.range).flatMap((link) => seen.cidrsOf(link.name));
          expect(addresses, `addresses of ${pods.requested} in ${live.range}`).to.deep.equal(request.ips?.(live));
        });
      }
    },
  );

  testCase(
    {
      id: "RTC-017",
      revision: 1,
      title: "addresses of both families asked for by `ips` are on the interface, where host-local has a range of each",
      layer: "L1",
      level: "extended",
      clauses: ["NPWG-4.1.2.1.3-requested-ips"],
      faults: ["addresses-are-asked-for-once", "bridge-ignores-ips"],
      pods: { ofRanges },
    },
    async ({ pods, claim }) => {
      const { refused, messages } = pods.ofRanges.outcome();
      const live = pods.ofRanges.network;
      const seen = refused ? undefined : pods.ofRanges.seen();
      const links = seen?.linksIn(live.range) ?? [];
      const addresses = links.flatMap((link) => seen?.cidrsOf(link.name) ?? []);
      await claim("both-families-on-link", () => {
        expect(refused ? messages : addresses, `addresses of ${pods.ofRanges} in its ranges`).to.deep.equal(both(live));
      });
    },
  );
});
