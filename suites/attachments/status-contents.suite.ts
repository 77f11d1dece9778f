import { expect } from "chai";
import { pod, scriptedNetwork, suite, testCase, type LiveNetwork, type TestPod } from "../../harness/testkit/index.ts";

const STATUS = "k8s.v1.cni.cncf.io/network-status";
const MTU = 1500;
const DNS = { nameservers: ["192.0.2.53"], domain: "x.example", search: ["x.example", "y.example"] } as const;

const addresses = (live: LiveNetwork) => [`${live.address(10)}/24`];
const inPod = { name: "${CNI_IFNAME}", sandbox: "${CNI_NETNS}" };

const withDns = scriptedNetwork("sta-dns", (live) => ({ addresses: addresses(live) }), { plugin: { dns: DNS } });
const withMtu = scriptedNetwork(
  "sta-mtu",
  (live) => ({
    mac: live.mac,
    script: { ADD: { result: { cniVersion: "1.1.0", interfaces: [{ ...inPod, mac: live.mac, mtu: MTU }], ips: [] } } },
  }),
  { cniVersion: "1.1.0" },
);
// A route without a gateway leads straight to the interface.
const withRoute = scriptedNetwork("sta-route", (live) => ({
  addresses: addresses(live),
  routes: [{ dst: "0.0.0.0/0" }],
}));
const told = pod("sta-told", [withDns, withMtu, withRoute]);

const twoLinks = scriptedNetwork("sta-two-links", (live) => ({
  mac: live.mac,
  script: {
    ADD: {
      result: {
        cniVersion: "1.0.0",
        interfaces: [
          { name: "outside0", mac: "02:00:5e:00:53:11" },
          { ...inPod, mac: live.mac },
          { name: "further0", mac: "02:00:5e:00:53:12", sandbox: inPod.sandbox },
        ],
        ips: [
          { address: `${live.address(21)}/24`, interface: 2 },
          { address: `${live.address(20)}/24`, interface: 1 },
        ],
      },
    },
  },
}));
const further = pod("sta-further", [twoLinks], { unjudged: true });

const noLink = scriptedNetwork("sta-no-link", () => ({
  link: "none",
  script: { ADD: { result: { cniVersion: "1.0.0", interfaces: [], ips: [] } } },
}));
const silent = pod("sta-silent", [noLink], { unjudged: true });

const namesake = pod("sta-namesake", [], { name: "kube-system", mayLackStatus: true, unjudged: true });

/** The entries as they stand in the annotation. */
async function entriesOf(testPod: TestPod): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const text = (await testPod.object())?.metadata.annotations?.[STATUS];
  return text === undefined ? [] : (JSON.parse(text) as Readonly<Record<string, unknown>>[]);
}

suite("contents of network-status", () => {
  testCase(
    {
      id: "STA-002",
      revision: 1,
      title: "every entry says whether it is the default, and only the cluster network's is",
      layer: "L1",
      clauses: ["NPWG-5.3.5-default"],
      faults: ["status-marks-every-entry-as-default", "status-says-of-every-entry-whether-it-is-the-default"],
      pods: { told },
    },
    async ({ pods, claim }) => {
      pods.told.seen();
      const entries = await entriesOf(pods.told);
      await claim("one-default", () => {
        const marked = entries.filter((entry) => entry["default"] === true).map((entry) => entry["interface"]);
        expect(marked, `interfaces of the default entries of ${pods.told}`).to.deep.equal(["eth0"]);
      });
      await claim("every-entry-says-so", () => {
        const mute = entries
          .filter((entry) => typeof entry["default"] !== "boolean")
          .map((entry) => entry["interface"]);
        expect(mute, `interfaces of entries of ${pods.told} without \`default\``).to.deep.equal([]);
      });
    },
  );

  testCase(
    {
      id: "STA-008",
      revision: 1,
      title: "`dns` has the name servers, the domain and the search list of the plugin's result",
      layer: "L1",
      clauses: ["NPWG-5.3.6-dns"],
      faults: ["status-without-search-list"],
      pods: { told },
    },
    async ({ pods, claim }) => {
      const { nad } = pods.told.attachments[0] ?? {};
      const entry = pods.told.seen().status.find(({ name }) => name === nad);
      await claim("dns-of-the-result", () => {
        expect(entry?.dns, `dns of ${nad} in network-status of ${pods.told}`).to.deep.include(DNS);
      });
    },
  );

  testCase(
    {
      id: "STA-010",
      revision: 1,
      title: "`mtu` is that of the interface where the plugin tells it, and absent where it does not",
      layer: "L1",
      level: "extended",
      clauses: ["MULTUS-status-mtu"],
      faults: ["status-without-mtu"],
      pods: { told },
    },
    async ({ pods, claim }) => {
      const { status, links } = pods.told.seen();
      const nad = pods.told.attachments[1]?.nad;
      await claim("mtu-where-told", () => {
        const entries = status.filter((entry) => pods.told.attachments.some((asked) => asked.nad === entry.name));
        const said = entries.map(({ name, mtu }) => ({ name, mtu }));
        const real = entries.map((entry) => ({
          name: entry.name,
          mtu: entry.name === nad ? links.find(({ name }) => name === entry.interface)?.mtu : undefined,
        }));
        expect(real, `attachments in network-status of ${pods.told}`).to.deep.include({ name: nad, mtu: MTU });
        expect(said, `MTUs in network-status of ${pods.told}`).to.deep.equal(real);
      });
    },
  );

  testCase(
    {
      id: "STA-009",
      revision: 1,
      title: "`gateway` lists addresses and nothing else, also where a default route has no gateway",
      layer: "L1",
      level: "extended",
      clauses: ["MULTUS-status-gateway"],
      faults: ["status-lists-addresses-as-gateways", "status-lists-a-name-as-gateway"],
      pods: { told },
    },
    async ({ pods, claim }) => {
      const listed = pods.told.seen().status.flatMap(({ gateway }) => gateway);
      await claim("gateways-are-addresses", () => {
        const strange = listed.filter((text) => !/^[0-9.]+$|^[0-9a-f]*:[0-9a-f:.]+$/.test(text));
        expect(strange, `gateways in network-status of ${pods.told} that are no addresses`).to.deep.equal([]);
      });
    },
  );

  testCase(
    {
      id: "STA-006",
      revision: 1,
      title:
        "a result with two interfaces in the pod gives an entry for each, the first one first, with its own addresses",
      layer: "L1",
      level: "extended",
      clauses: ["MULTUS-entry-an-interface", "NPWG-5.1.1-first-interface"],
      faults: ["status-misses-a-further-interface"],
      pods: { further },
    },
    async ({ pods, claim }) => {
      const [attachment] = pods.further.attachments;
      const entries = pods.further.seen().status.filter(({ name }) => name === attachment?.nad);
      await claim("entry-an-interface", () => {
        expect(
          entries.map(({ interface: link, mac, ips }) => ({ link, mac, ips })),
          `entries of ${attachment?.nad} in network-status of ${pods.further}`,
        ).to.deep.equal([
          { link: "net1", mac: attachment?.network.mac, ips: [attachment?.network.address(20)] },
          { link: "further0", mac: "02:00:5e:00:53:12", ips: [attachment?.network.address(21)] },
        ]);
      });
    },
  );

  testCase(
    {
      id: "STA-007",
      revision: 1,
      title: "an attachment whose plugin tells of no interface has an entry all the same",
      layer: "L1",
      clauses: ["NPWG-5.1.1-minimal-entry"],
      faults: ["status-has-an-entry-without-interface"],
      pods: { silent },
    },
    async ({ pods, claim }) => {
      const { status } = pods.silent.seen();
      const names = status.filter((entry) => !entry.default).map((entry) => entry.name);
      await claim("minimal-entry", () => {
        expect(names, `names of attachments in network-status of ${pods.silent}`).to.deep.equal(
          pods.silent.attachments.map(({ nad }) => nad),
        );
      });
    },
  );

  testCase(
    {
      id: "STA-015",
      revision: 1,
      title: "a pod that is named like a system namespace has network-status like any other",
      layer: "L1",
      level: "extended",
      clauses: ["NPWG-5-status-list"],
      faults: ["status-for-a-pod-named-like-a-system-namespace"],
      pods: { namesake },
    },
    async ({ pods, claim }) => {
      pods.namesake.seen();
      const entries = await entriesOf(pods.namesake);
      await claim("has-status", () => {
        expect(
          entries.map((entry) => entry["interface"]),
          `interfaces in network-status of ${pods.namesake}`,
        ).to.deep.equal(["eth0"]);
      });
    },
  );
});
