import { expect } from "chai";
import { diffStates } from "./ledger.ts";
import { loadLedgerRules } from "./ledger-rules.ts";
import { stateWith } from "./pod-fixture.test-support.ts";

const rules = loadLedgerRules();

type State = Parameters<typeof stateWith>[0];

/** Whose each thing is that comes to a node, by its key. */
function ownersOf(state: State): Readonly<Record<string, string>> {
  const items = diffStates(stateWith({ links: [] }), stateWith(state), rules);
  return Object.fromEntries(items.map(({ kind, key, class: owner }) => [`${kind} ${key}`, owner]));
}

const link = (ifname: string, info_kind: string) => ({
  ifindex: 9,
  ifname,
  flags: ["UP"],
  mtu: 1450,
  linkinfo: { info_kind },
});
const file = (path: string) => ({ path, type: "file", mode: "0600", size: 1 });
const POD = "cali0123456789a";

/** What these networks have on a node, as their agents write it, and what of it is one pod's. */
const NETWORKS: readonly (readonly [name: string, state: State, owners: Readonly<Record<string, string>>])[] = [
  [
    "Calico",
    {
      links: [link("vxlan.calico", "vxlan"), link(POD, "veth")],
      routes: [
        { type: "blackhole", dst: "10.244.1.64/26", protocol: "80", table: "main" },
        { type: "unicast", dst: "10.244.2.0/26", dev: "vxlan.calico", table: "main" },
        { type: "unicast", dst: "10.244.1.65", dev: POD, table: "main" },
      ],
      iptables: {
        nft4: [
          "*filter",
          ":cali-FORWARD - [0:0]",
          `:cali-tw-${POD} - [0:0]`,
          '-A FORWARD -m comment --comment "cali:wUHhoiAYhphO9Mso" -j cali-FORWARD',
          `-A cali-to-wl-dispatch -o ${POD} -m comment --comment "cali:x" -g cali-tw-${POD}`,
          "COMMIT\n",
        ].join("\n"),
      },
    },
    {
      "link vxlan.calico": "foreign",
      [`link ${POD}`]: "pod",
      "route 4 blackhole 10.244.1.64/26 table main": "foreign",
      "route 4 10.244.2.0/26 dev vxlan.calico table main": "foreign",
      [`route 4 10.244.1.65 dev ${POD} table main`]: "pod",
      "iptables-chain nft4 filter cali-FORWARD": "foreign",
      [`iptables-chain nft4 filter cali-tw-${POD}`]: "pod",
      'iptables-rule nft4 filter -A FORWARD -m comment --comment "cali:wUHhoiAYhphO9Mso" -j cali-FORWARD': "foreign",
      [`iptables-rule nft4 filter -A cali-to-wl-dispatch -o ${POD} -m comment --comment "cali:x" -g cali-tw-${POD}`]:
        "pod",
    },
  ],
  [
    "Cilium",
    {
      links: [
        link("cilium_vxlan", "vxlan"),
        link("cilium_host", "veth"),
        link("lxc_health", "veth"),
        link("lxc0a1b", "veth"),
      ],
      routes: [
        { type: "unicast", dst: "10.244.2.0/24", dev: "cilium_host", table: "main" },
        { type: "unicast", dst: "10.244.1.7", dev: "lxc0a1b", table: "main" },
      ],
      iptables: {
        nft4: '*nat\n:CILIUM_POST_nat - [0:0]\n-A POSTROUTING -m comment --comment "cilium-feeder" -j CILIUM_POST_nat\nCOMMIT\n',
      },
    },
    {
      "link cilium_vxlan": "foreign",
      "link cilium_host": "foreign",
      "link lxc_health": "foreign",
      "link lxc0a1b": "pod",
      "route 4 10.244.2.0/24 dev cilium_host table main": "foreign",
      "route 4 10.244.1.7 dev lxc0a1b table main": "pod",
      "iptables-chain nft4 nat CILIUM_POST_nat": "foreign",
      'iptables-rule nft4 nat -A POSTROUTING -m comment --comment "cilium-feeder" -j CILIUM_POST_nat': "foreign",
    },
  ],
  [
    "kindnet",
    {
      links: [link("vethaabbccdd", "veth")],
      files: [file("/run/cni-ipam-state/kindnet/10.244.1.5")],
      iptables: { nft4: "*nat\n:KIND-MASQ-AGENT - [0:0]\n-A POSTROUTING -j KIND-MASQ-AGENT\nCOMMIT\n" },
      nft: { nftables: [{ table: { family: "inet", name: "kindnet-network-policies", handle: 1 } }] },
    },
    {
      "link vethaabbccdd": "pod",
      "file /run/cni-ipam-state/kindnet/10.244.1.5": "pod",
      "iptables-chain nft4 nat KIND-MASQ-AGENT": "foreign",
      "iptables-rule nft4 nat -A POSTROUTING -j KIND-MASQ-AGENT": "foreign",
      "nft-table inet kindnet-network-policies": "foreign",
    },
  ],
];

describe("what published default networks have on a node", () => {
  for (const [name, state, owners] of NETWORKS) {
    it(`is theirs, and a pod's where it is that of one pod: ${name}`, () => {
      expect(ownersOf(state)).to.deep.equal(owners);
    });
  }
});
