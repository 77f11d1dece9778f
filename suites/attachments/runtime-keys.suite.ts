import { expect } from "chai";
import { network, pod, suite, testCase, type LiveNetwork } from "../../harness/testkit/index.ts";

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
const requested = pod("rtc-ips", requests);

suite("runtime keys of an attachment", () => {
  testCase(
    {
      id: "RTC-001",
      revision: 1,
      title: "an address asked for by `ips` is on the interface, for host-local and static on bridge and macvlan",
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
});
