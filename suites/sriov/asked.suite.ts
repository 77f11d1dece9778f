import { expect } from "chai";
import {
  bringUp,
  FRESH_ROW,
  pod,
  suite,
  testCase,
  VF_MTU,
  type CaseContext,
  type TestPod,
  type VfRow,
} from "../../harness/testkit/index.ts";
import { oneVf, S1, S1_OR_S2, vfNetwork } from "./vf-networks.ts";
import { afterPod, macOf, ownVf, vfsOf } from "./vf-of-pod.ts";

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

type Column = Exclude<keyof VfRow, "mac">;

/** These columns of a row. */
const only = (row: Omit<VfRow, "mac">, columns: readonly Column[]): Partial<VfRow> =>
  Object.fromEntries(columns.map((column) => [column, row[column]]));

/**
 * The body of a case about columns of the table of VFs: requested while the pod runs, and restored after it.
 * @param during @param after how a reader is told what was looked at
 */
function requestedAndRestored(columns: readonly Column[], during: string, after: string) {
  return async ({ pods, claim }: CaseContext<{ asked: typeof asked }>): Promise<void> => {
    await bringUp(pods.asked);
    const { requested, row } = await askedAndBack(pods.asked);
    const wanted = { ...ASKED, vlan: pods.asked.network.vlanId };
    await claim("requested", () => {
      expect(only(requested, columns), `${during} while ${pods.asked} ran`).to.deep.equal(only(wanted, columns));
    });
    await claim("restored", () => {
      expect(row && only(row, columns), `${after} after ${pods.asked}`).to.deep.equal(only(FRESH_ROW, columns));
    });
  };
}

const COMMON = { revision: 1, layer: "L1", level: "extended", needs: [S1_OR_S2], pods: { asked } } as const;

suite("virtual functions in pods", () => {
  testCase(
    {
      ...COMMON,
      id: "SRV-017",
      title: "the MAC that a pod asks for is that of its VF in the pod, and in the status (S1, S2)",
      clauses: ["SRIOV-mac", "NPWG-4.1.2.1.4-requested-mac"],
      faults: ["the-vf-keeps-its-mac"],
    },
    async ({ pods, claim }) => {
      await bringUp(pods.asked);
      const { status } = pods.asked.seen();
      const { mac } = pods.asked.network;
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
      ...COMMON,
      id: "SRV-018",
      title:
        "VLAN, priority and protocol are requested of the function, and restored (S1, S2: requested, not enforced)",
      clauses: ["SRIOV-vlan", "SRIOV-restored"],
      faults: ["another-vlan-is-requested", "no-attribute-is-restored"],
    },
    requestedAndRestored(["vlan", "vlanQoS", "vlanProto"], "what the table of VFs had", "what the table of VFs has"),
  );

  testCase(
    {
      ...COMMON,
      id: "SRV-019",
      title: "the spoof check is requested of the function, and restored (S1, S2: requested, not enforced)",
      clauses: ["SRIOV-spoofchk", "SRIOV-restored"],
      faults: ["no-spoof-check-is-requested", "no-attribute-is-restored"],
    },
    requestedAndRestored(["spoofchk"], "spoofchk of the VF", "spoofchk of the VF"),
  );

  testCase(
    {
      ...COMMON,
      id: "SRV-020",
      title: "trust is requested of the function, and restored (S1, S2: requested, not enforced)",
      clauses: ["SRIOV-trust", "SRIOV-restored"],
      faults: ["no-trust-is-requested", "no-attribute-is-restored"],
    },
    requestedAndRestored(["trust"], "trust of the VF", "trust of the VF"),
  );

  testCase(
    {
      ...COMMON,
      id: "SRV-021",
      title: "the state of the link is requested of the function, and restored (S1, S2: requested, not enforced)",
      clauses: ["SRIOV-link-state", "SRIOV-restored"],
      faults: ["no-link-state-is-requested", "no-attribute-is-restored"],
    },
    requestedAndRestored(["linkState"], "link state of the VF", "link state of the VF"),
  );

  testCase(
    {
      ...COMMON,
      id: "SRV-022",
      title: "rates are requested of the function, and restored (S1, S2: requested, not enforced)",
      clauses: ["SRIOV-rates", "SRIOV-restored"],
      faults: ["another-rate-is-requested", "no-attribute-is-restored"],
    },
    requestedAndRestored(["minTxRate", "maxTxRate"], "rates of the VF", "rates of the VF"),
  );

  testCase(
    {
      ...COMMON,
      id: "SRV-015",
      title: "a VF whose MAC a pod has changed comes home with its own (S1, S2)",
      clauses: ["SRIOV-restored"],
      faults: ["the-vf-comes-home-as-it-was-in-the-pod"],
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
      ...COMMON,
      id: "SRV-016",
      // sriov-cni leaves the MTU alone
      needs: ["sriov-s1"],
      title: "a VF has the MTU that its network asks for in the pod, and comes home with its own (S1)",
      clauses: ["SRIOV-mtu", "SRIOV-restored"],
      faults: ["the-vf-comes-home-as-it-was-in-the-pod"],
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
});
