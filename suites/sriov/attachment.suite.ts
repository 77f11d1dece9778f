import { expect } from "chai";
import {
  bringUp,
  customNetwork,
  POOL_DPDK,
  exchangeDatagrams,
  FRESH_ROW,
  network,
  pod,
  resourceOf,
  scriptedPlugin,
  suite,
  testCase,
  VF_MTU,
  POOL_A,
  POOL_B,
  VirtualFunctions,
  type End,
  type LiveNetwork,
  type TestPod,
  type VfRow,
} from "../../harness/testkit/index.ts";

type Json = Readonly<Record<string, unknown>>;

/** Levels of the simulation by the plugin that attaches. */
const S0 = "host-device";
const S1 = "plumbline-sriov";

const hostLocal = (live: LiveNetwork): Json => ({
  type: "host-local",
  ranges: [[{ subnet: live.range, rangeStart: live.address(10), rangeEnd: live.address(200) }]],
});

interface VfNetwork {
  readonly type: string;
  readonly plugin?: (live: LiveNetwork) => Json;
  readonly further?: readonly Json[];
  readonly pool?: string;
}

const vfNetwork = (key: string, { type, plugin, further = [], pool = POOL_A }: VfNetwork) =>
  customNetwork(
    key,
    (live) => ({ cniVersion: "1.0.0", plugins: [{ type, ipam: hostLocal(live), ...plugin?.(live) }, ...further] }),
    { annotations: resourceOf(pool) },
  );

const oneVf = { resources: { [POOL_A]: 1 }, byCase: true };
const oneOfB = { resources: { [POOL_B]: 1 }, byCase: true };

const moved0 = pod("srv-moved-s0", [vfNetwork("srv-moved-s0", { type: S0 })], oneVf);
const moved1 = pod("srv-moved-s1", [vfNetwork("srv-moved-s1", { type: S1 })], oneVf);

const ASKED_MTU = 1400;
const ASKED: Omit<VfRow, "mac" | "vlan"> = {
  vlanQoS: 3,
  vlanProto: "802.1ad",
  minTxRate: 100,
  maxTxRate: 1000,
  spoofchk: "off",
  trust: "on",
  linkState: "enable",
};
const askedNetwork = vfNetwork("srv-asked", {
  type: S1,
  plugin: ({ vlanId }) => ({
    capabilities: { mac: true },
    vlan: vlanId,
    vlanQoS: ASKED.vlanQoS,
    vlanProto: ASKED.vlanProto,
    min_tx_rate: ASKED.minTxRate,
    max_tx_rate: ASKED.maxTxRate,
    spoofchk: ASKED.spoofchk,
    trust: ASKED.trust,
    link_state: ASKED.linkState,
    mtu: ASKED_MTU,
  }),
});
const asked = pod("srv-asked", [{ network: askedNetwork, mac: ({ mac }) => mac }], oneVf);

const chained = pod(
  "srv-chained",
  [
    vfNetwork("srv-chained", {
      type: S0,
      pool: POOL_B,
      further: [{ type: "tuning", sysctl: { "net.ipv4.conf.IFNAME.arp_filter": "1" } }],
    }),
  ],
  oneOfB,
);
const mixed = pod(
  "srv-mixed",
  [vfNetwork("srv-mixed", { type: S1, pool: POOL_B }), network("srv-mixed-mv", { type: "macvlan", ipam: "static" })],
  oneOfB,
);
const userspace = pod("srv-dpdk", [vfNetwork("srv-dpdk", { type: S1, pool: POOL_DPDK })], {
  resources: { [POOL_DPDK]: 1 },
  byCase: true,
  // an attachment without an interface is what it is about
  unjudged: true,
});

const talk = vfNetwork("srv-talk", {
  type: S0,
  plugin: () => ({ capabilities: { ips: true }, ipam: { type: "static" } }),
});
const talking = (host: number) => ({
  network: talk,
  ips: (live: LiveNetwork) => [
    `${live.address(host)}${live.range.slice(live.range.indexOf("/"))}`,
    `${live.address6(host)}${live.range6.slice(live.range6.indexOf("/"))}`,
  ],
});
const near = pod("srv-talk-near", [talking(141)], { ...oneVf, group: "srv-talk" });
const beside = pod("srv-talk-beside", [talking(142)], { ...oneVf, group: "srv-talk" });
const far = pod("srv-talk-far", [talking(143)], { ...oneVf, apart: true });

const unasked0 = pod("srv-unasked-s0", [vfNetwork("srv-unasked-s0", { type: S0 })], { refused: true });
const unasked1 = pod("srv-unasked-s1", [vfNetwork("srv-unasked-s1", { type: S1 })], { refused: true });

const NO_ADDRESS = "no address is left, says the test";
const withoutAddress = (): Json => {
  const { type, rec } = scriptedPlugin({ link: "none", script: { ADD: { error: { code: 111, msg: NO_ADDRESS } } } });
  return { ipam: { type }, rec };
};
const addressless = [S0, S1].map((type, level) =>
  pod(`srv-addressless-s${level}`, [vfNetwork(`srv-addressless-s${level}`, { type, plugin: withoutAddress })], {
    ...oneVf,
    refused: "stays",
  }),
);

const vfsOf = (testPod: TestPod): VirtualFunctions => new VirtualFunctions(testPod.onNode);

/** The VF of a pod as it was made, by the kubelet's own account of what it gave. */
async function ownVf(testPod: TestPod) {
  const vfs = vfsOf(testPod);
  const [device = "none"] = await vfs.devicesOf(testPod);
  return vfs.at(device);
}

const macOf = (testPod: TestPod, ifname: string): string | undefined =>
  testPod.seen().links.find(({ name }) => name === ifname)?.mac;

/** A VF after its pod: where it is, and how often it went with a namespace meanwhile. */
async function afterPod(testPod: TestPod) {
  const vf = await ownVf(testPod);
  const vfs = vfsOf(testPod);
  const before = await vfs.timesLost(vf.pci);
  await testPod.delete();
  const home = await vfs.whenHome(vf.pci);
  const found = { vf, home, lost: (await vfs.timesLost(vf.pci)) - before, row: await vfs.rowOf(vf.pci) };
  await vfs.tidy(vf.pci);
  return found;
}

/** What became of the VF with everything asked of it, once: whichever case asks first. */
async function askedAndBack(testPod: TestPod) {
  testPod.seen();
  const known = back.get(testPod);
  if (known) return known;
  const made = (async () => {
    const { pci } = await ownVf(testPod);
    const requested = await vfsOf(testPod).rowOf(pci);
    return { requested, ...(await afterPod(testPod)) };
  })();
  back.set(testPod, made);
  return made;
}
const back = new WeakMap<TestPod, Promise<Awaited<ReturnType<typeof afterPod>> & { readonly requested: VfRow }>>();

/** These columns of a row. */
const only = <K extends keyof VfRow>(row: VfRow, keys: readonly K[]): Pick<VfRow, K> =>
  Object.fromEntries(keys.map((key) => [key, row[key]])) as Pick<VfRow, K>;

suite("virtual functions in pods", () => {
  testCase(
    {
      id: "SRV-002",
      revision: 1,
      title: "the VF that the kubelet gave is net1 of the pod, with an address of its network (S0, S1)",
      layer: "L1",
      level: "extended",
      clauses: ["SRIOV-vf-moved"],
      faults: ["another-mac-than-that-of-the-vf"],
      needs: ["sriov-s0", "sriov-s1"],
      pods: { moved0, moved1 },
    },
    async ({ pods, claim }) => {
      await bringUp(pods.moved0, pods.moved1);
      for (const testPod of [pods.moved0, pods.moved1]) {
        const seen = testPod.seen();
        const { mac, pci } = await ownVf(testPod);
        await claim("vf-in-the-pod", () => {
          expect(macOf(testPod, "net1"), `MAC of net1 of ${testPod}`).to.equal(mac);
        });
        await claim("not-on-the-node", async () => {
          expect(await vfsOf(testPod).atHome(pci), `interface of the VF on the node of ${testPod}`).to.equal(undefined);
        });
        await claim("has-an-address", () => {
          const links = seen.linksIn(testPod.attachments[0]?.network.range ?? "").map(({ name }) => name);
          expect(links, `interfaces of ${testPod} with an address of its network`).to.deep.equal(["net1"]);
        });
      }
    },
  );

  testCase(
    {
      id: "SRV-014",
      revision: 1,
      title: "after its pod a VF is on the node again: its own name and MAC, down, and never lost (S0, S1)",
      layer: "L1",
      level: "extended",
      clauses: ["SRIOV-vf-given-back"],
      faults: ["host-device-keeps-the-vf", "plumbline-sriov-keeps-the-vf"],
      needs: ["sriov-s0", "sriov-s1"],
      pods: { moved0, moved1 },
    },
    async ({ pods, claim }) => {
      await bringUp(pods.moved0, pods.moved1);
      const both = [pods.moved0, pods.moved1];
      for (const testPod of both) testPod.seen();
      const after = await Promise.all(both.map(async (testPod) => ({ testPod, ...(await afterPod(testPod)) })));
      for (const { testPod, vf, home, lost } of after) {
        await claim("given-back", () => {
          expect(home, `the VF on the node after ${testPod}`).to.deep.include({
            name: vf.interface,
            mac: vf.mac,
            up: false,
          });
        });
        await claim("never-lost", () => {
          expect(lost, `how often the VF of ${testPod} went with a network namespace`).to.equal(0);
        });
      }
    },
  );

  testCase(
    {
      id: "SRV-029",
      revision: 1,
      title: "after its pod no file of the attachment is left: state of plugins, device-info, leases (S0, S1)",
      layer: "L1",
      level: "extended",
      clauses: ["SRIOV-state-removed", "MULTUS-device-info"],
      faults: ["the-state-of-a-vf-stays"],
      needs: ["sriov-s0", "sriov-s1"],
      pods: { moved0, moved1 },
    },
    async ({ pods, claim }) => {
      await bringUp(pods.moved0, pods.moved1);
      for (const testPod of [pods.moved0, pods.moved1]) {
        testPod.seen();
        await testPod.delete();
        await claim("no-file-left", async () => {
          const left = await testPod.attachmentResidueLeft();
          expect(
            left.map(({ kind, key }) => `${kind} ${key}`),
            `what still names ${testPod}`,
          ).to.deep.equal([]);
        });
      }
    },
  );

  testCase(
    {
      id: "SRV-017",
      revision: 1,
      title: "the MAC that a pod asks for is that of its VF in the pod, and in the status (S1)",
      layer: "L1",
      level: "extended",
      clauses: ["SRIOV-mac", "NPWG-4.1.2.1.4-requested-mac"],
      faults: ["the-vf-keeps-its-mac"],
      needs: ["sriov-s1"],
      pods: { asked },
    },
    async ({ pods, claim }) => {
      await bringUp(pods.asked);
      const { status } = pods.asked.seen();
      const { mac } = pods.asked.attachments[0]?.network ?? {};
      await claim("on-the-interface", () => {
        expect(macOf(pods.asked, "net1"), `MAC of net1 of ${pods.asked}`).to.equal(mac);
      });
      await claim("in-the-status", () => {
        const told = status.find((entry) => entry.interface === "net1")?.mac;
        expect(told, `MAC of net1 in the status of ${pods.asked}`).to.equal(mac);
      });
    },
  );

  testCase(
    {
      id: "SRV-018",
      revision: 1,
      title: "VLAN, priority and protocol are requested of the function, and restored (S1: requested, not enforced)",
      layer: "L1",
      level: "extended",
      clauses: ["SRIOV-vlan", "SRIOV-restored"],
      faults: ["another-vlan-is-requested", "no-attribute-is-restored"],
      needs: ["sriov-s1"],
      pods: { asked },
    },
    async ({ pods, claim }) => {
      await bringUp(pods.asked);
      const { requested, row } = await askedAndBack(pods.asked);
      const keys = ["vlan", "vlanQoS", "vlanProto"] as const;
      await claim("requested", () => {
        expect(only(requested, keys), `what the table of VFs had while ${pods.asked} ran`).to.deep.equal({
          vlan: pods.asked.attachments[0]?.network.vlanId,
          vlanQoS: ASKED.vlanQoS,
          vlanProto: ASKED.vlanProto,
        });
      });
      await claim("restored", () => {
        expect(only(row, keys), `what the table of VFs has after ${pods.asked}`).to.deep.equal(only(FRESH_ROW, keys));
      });
    },
  );

  testCase(
    {
      id: "SRV-019",
      revision: 1,
      title: "the spoof check is requested of the function, and restored (S1: requested, not enforced)",
      layer: "L1",
      level: "extended",
      clauses: ["SRIOV-spoofchk", "SRIOV-restored"],
      faults: ["no-spoof-check-is-requested", "no-attribute-is-restored"],
      needs: ["sriov-s1"],
      pods: { asked },
    },
    async ({ pods, claim }) => {
      await bringUp(pods.asked);
      const { requested, row } = await askedAndBack(pods.asked);
      await claim("requested", () => {
        expect(requested.spoofchk, `spoofchk of the VF while ${pods.asked} ran`).to.equal(ASKED.spoofchk);
      });
      await claim("restored", () => {
        expect(row.spoofchk, `spoofchk of the VF after ${pods.asked}`).to.equal(FRESH_ROW.spoofchk);
      });
    },
  );

  testCase(
    {
      id: "SRV-020",
      revision: 1,
      title: "trust is requested of the function, and restored (S1: requested, not enforced)",
      layer: "L1",
      level: "extended",
      clauses: ["SRIOV-trust", "SRIOV-restored"],
      faults: ["no-trust-is-requested", "no-attribute-is-restored"],
      needs: ["sriov-s1"],
      pods: { asked },
    },
    async ({ pods, claim }) => {
      await bringUp(pods.asked);
      const { requested, row } = await askedAndBack(pods.asked);
      await claim("requested", () => {
        expect(requested.trust, `trust of the VF while ${pods.asked} ran`).to.equal(ASKED.trust);
      });
      await claim("restored", () => {
        expect(row.trust, `trust of the VF after ${pods.asked}`).to.equal(FRESH_ROW.trust);
      });
    },
  );

  testCase(
    {
      id: "SRV-021",
      revision: 1,
      title: "the state of the link is requested of the function, and restored (S1: requested, not enforced)",
      layer: "L1",
      level: "extended",
      clauses: ["SRIOV-link-state", "SRIOV-restored"],
      faults: ["no-link-state-is-requested", "no-attribute-is-restored"],
      needs: ["sriov-s1"],
      pods: { asked },
    },
    async ({ pods, claim }) => {
      await bringUp(pods.asked);
      const { requested, row } = await askedAndBack(pods.asked);
      await claim("requested", () => {
        expect(requested.linkState, `link state of the VF while ${pods.asked} ran`).to.equal(ASKED.linkState);
      });
      await claim("restored", () => {
        expect(row.linkState, `link state of the VF after ${pods.asked}`).to.equal(FRESH_ROW.linkState);
      });
    },
  );

  testCase(
    {
      id: "SRV-022",
      revision: 1,
      title: "rates are requested of the function, and restored (S1: requested, not enforced)",
      layer: "L1",
      level: "extended",
      clauses: ["SRIOV-rates", "SRIOV-restored"],
      faults: ["another-rate-is-requested", "no-attribute-is-restored"],
      needs: ["sriov-s1"],
      pods: { asked },
    },
    async ({ pods, claim }) => {
      await bringUp(pods.asked);
      const { requested, row } = await askedAndBack(pods.asked);
      const keys = ["minTxRate", "maxTxRate"] as const;
      await claim("requested", () => {
        expect(only(requested, keys), `rates of the VF while ${pods.asked} ran`).to.deep.equal({
          minTxRate: ASKED.minTxRate,
          maxTxRate: ASKED.maxTxRate,
        });
      });
      await claim("restored", () => {
        expect(only(row, keys), `rates of the VF after ${pods.asked}`).to.deep.equal(only(FRESH_ROW, keys));
      });
    },
  );

  testCase(
    {
      id: "SRV-015",
      revision: 1,
      title: "a VF whose MAC a pod has changed comes home with its own (S1)",
      layer: "L1",
      level: "extended",
      clauses: ["SRIOV-restored"],
      faults: ["the-vf-comes-home-as-it-was-in-the-pod"],
      needs: ["sriov-s1"],
      pods: { asked },
    },
    async ({ pods, claim }) => {
      await bringUp(pods.asked);
      const { vf, home } = await askedAndBack(pods.asked);
      await claim("own-mac", () => {
        expect(home?.mac, `MAC of the VF after ${pods.asked}`).to.equal(vf.mac);
      });
    },
  );

  testCase(
    {
      id: "SRV-016",
      revision: 1,
      title: "a VF has the MTU that its network asks for in the pod, and comes home with its own (S1)",
      layer: "L1",
      level: "extended",
      clauses: ["SRIOV-mtu", "SRIOV-restored"],
      faults: ["the-vf-comes-home-as-it-was-in-the-pod"],
      needs: ["sriov-s1"],
      pods: { asked },
    },
    async ({ pods, claim }) => {
      await bringUp(pods.asked);
      const inPod = pods.asked.seen().links.find(({ name }) => name === "net1");
      const { home } = await askedAndBack(pods.asked);
      await claim("as-asked", () => {
        expect(inPod?.mtu, `MTU of net1 of ${pods.asked}`).to.equal(ASKED_MTU);
      });
      await claim("own-mtu", () => {
        expect(home?.mtu, `MTU of the VF after ${pods.asked}`).to.equal(VF_MTU);
      });
    },
  );

  testCase(
    {
      id: "SRV-040",
      revision: 1,
      title: "a plugin behind the one for VFs works on the same interface (S0)",
      layer: "L1",
      level: "extended",
      clauses: ["SRIOV-chained"],
      faults: ["tuning-after-a-vf-does-nothing"],
      needs: ["sriov-s0"],
      pods: { chained },
    },
    async ({ pods, claim }) => {
      await bringUp(pods.chained);
      pods.chained.seen();
      const { mac } = await ownVf(pods.chained);
      await claim("vf-in-the-pod", () => {
        expect(macOf(pods.chained, "net1"), `MAC of net1 of ${pods.chained}`).to.equal(mac);
      });
      const { stdout } = await pods.chained.exec("cat", "/proc/sys/net/ipv4/conf/net1/arp_filter");
      await claim("tuned", () => {
        expect(stdout.trim(), `arp_filter of net1 of ${pods.chained}`).to.equal("1");
      });
    },
  );

  testCase(
    {
      id: "SRV-037",
      revision: 1,
      title: "a VF, a macvlan interface and the cluster network stand side by side in one pod (S1)",
      layer: "L1",
      level: "extended",
      clauses: ["SRIOV-vf-moved", "NPWG-4.1.1-comma-list"],
      faults: ["the-vf-beside-macvlan-is-another"],
      needs: ["sriov-s1"],
      pods: { mixed },
    },
    async ({ pods, claim }) => {
      await bringUp(pods.mixed);
      const { links } = pods.mixed.seen();
      const { mac } = await ownVf(pods.mixed);
      await claim("three-interfaces", () => {
        const found = links
          .filter(({ name }) => name !== "lo")
          .map(({ name, linkKind, mac: own }) => `${name} ${own === mac ? "the VF" : linkKind}`);
        expect(found.toSorted(), `interfaces of ${pods.mixed}`).to.deep.equal([
          "eth0 veth",
          "net1 the VF",
          "net2 macvlan",
        ]);
      });
    },
  );

  testCase(
    {
      id: "SRV-036",
      revision: 1,
      title: "a VF with a driver of user space has an address and no interface in the pod (S1, that branch alone)",
      layer: "L1",
      level: "extended",
      clauses: ["SRIOV-user-space"],
      faults: ["a-userspace-vf-has-an-interface"],
      needs: ["sriov-s1"],
      pods: { userspace },
    },
    async ({ pods, claim }) => {
      await bringUp(pods.userspace);
      const { links, status, leases } = pods.userspace.seen();
      await claim("no-interface", () => {
        expect(links.map(({ name }) => name).toSorted(), `interfaces of ${pods.userspace}`).to.deep.equal([
          "eth0",
          "lo",
        ]);
      });
      const { name } = pods.userspace.attachments[0]?.network ?? {};
      const told = status.find((entry) => entry.interface === "net1")?.ips;
      await claim("address-taken", () => {
        const taken = leases.filter((lease) => lease.network === name).map(({ address }) => address);
        expect(told, `addresses of net1 in the status of ${pods.userspace}`).to.have.length(1);
        expect(taken, `addresses that host-local keeps for ${pods.userspace}`).to.deep.equal(told);
      });
    },
  );

  testCase(
    {
      id: "SRV-038",
      revision: 1,
      title: "pods reach each other by their VFs, on one node and across nodes, over IPv4 and IPv6 (S0)",
      layer: "L2",
      level: "extended",
      clauses: ["SRIOV-vf-moved"],
      faults: ["a-vf-is-down-on-the-other-node"],
      needs: ["sriov-s0", "two-nodes"],
      pods: { near, beside, far },
    },
    async ({ pods, claim }) => {
      await bringUp(pods.near, pods.beside, pods.far);
      const all = [pods.near, pods.beside, pods.far];
      const addressOf = (testPod: TestPod, family: 4 | 6): string =>
        testPod
          .seen()
          .addressesOf("net1")
          .find((address) => address.includes(":") === (family === 6)) ?? "none";
      const endOf = (testPod: TestPod): End => ({
        on: testPod.onNode,
        netns: testPod.identity?.netns[0]?.path ?? "none",
        device: "net1",
        address: addressOf(testPod, 4),
      });
      const ends = all.map(endOf);
      const ways = [
        [0, 1, "one node"],
        [1, 0, "one node, back"],
        [0, 2, "across nodes"],
        [2, 1, "across nodes, back"],
      ] as const;
      const sendings = ways.flatMap(([from, to, text]) => {
        const [a, b] = [ends[from], ends[to]];
        return a && b ? [{ from: a, to: b, text, expected: true }] : [];
      });
      const heard = await exchangeDatagrams(sendings, "/run/plumbline-srv-talk");
      await claim("heard-over-ipv4", () => {
        expect([...heard].toSorted(), "datagrams that arrived").to.deep.equal(
          sendings.map(({ text }) => text).toSorted(),
        );
      });
      for (const [from, to, text] of ways) {
        const [a, b] = [all[from], all[to]];
        if (!a || !b) continue;
        const { exitCode, stdout } = await a.exec(
          "ping",
          "-6",
          "-c",
          "3",
          "-i",
          "0.2",
          "-W",
          "2",
          "-I",
          "net1",
          addressOf(b, 6),
        );
        await claim("answered-over-ipv6", () => {
          expect(exitCode, `exit code of ping, ${text}: ${stdout.slice(-200)}`).to.equal(0);
        });
      }
    },
  );

  testCase(
    {
      id: "SRV-024",
      revision: 1,
      title: "a pod that asked for no VF is refused on a network of VFs, and its event says what is missing (S0, S1)",
      layer: "L1",
      level: "extended",
      clauses: ["SRIOV-device-required", "MULTUS-no-device", "K8S-failed-setup-event"],
      faults: ["host-device-is-content-without-a-device", "plumbline-sriov-is-content-without-a-device"],
      needs: ["sriov-s0", "sriov-s1"],
      pods: { unasked0, unasked1 },
    },
    async ({ pods, claim }) => {
      for (const [testPod, words] of [
        [pods.unasked0, 'specify either "device", "hwaddr", "kernelpath" or "pciBusID"'],
        [pods.unasked1, "VF pci addr is required"],
      ] as const) {
        const { refused, messages } = testPod.outcome();
        await claim("refused", () => {
          expect(refused, `whether ${testPod} was refused`).to.equal(true);
        });
        await claim("event-says-why", () => {
          expect(messages.join("\n").replaceAll("\\", ""), `events of ${testPod}`).to.include(words);
        });
      }
    },
  );

  testCase(
    {
      id: "SRV-028",
      revision: 1,
      title: "a VF whose pod gets no address is given back: its own name and MAC, nothing asked, never lost (S0, S1)",
      layer: "L1",
      level: "extended",
      clauses: ["SRIOV-vf-given-back", "MULTUS-rollback"],
      faults: ["host-device-keeps-the-vf-of-a-refused-pod"],
      needs: ["sriov-s0", "sriov-s1"],
      pods: Object.fromEntries(addressless.map((declaration) => [declaration.key, declaration])),
    },
    async ({ pods, claim }) => {
      await bringUp(...Object.values(pods));
      for (const testPod of Object.values(pods)) {
        const { messages } = testPod.outcome();
        await claim("refused-for-the-address", () => {
          expect(messages.join("\n"), `events of ${testPod}`).to.include(NO_ADDRESS);
        });
        const { vf, home, lost, row } = await afterPod(testPod);
        await claim("given-back", () => {
          expect(home, `the VF on the node after ${testPod}`).to.deep.include({ name: vf.interface, mac: vf.mac });
          expect(row, `what the table of VFs has after ${testPod}`).to.deep.equal(FRESH_ROW);
        });
        await claim("never-lost", () => {
          expect(lost, `how often the VF of ${testPod} went with a network namespace`).to.equal(0);
        });
      }
    },
  );
});
