import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "chai";
import { PlumblineError } from "../core/errors.ts";
import { parseIptablesSave } from "./firewall-entries.ts";
import { diffStates, type LedgerItem } from "./ledger.ts";
import { loadLedgerRules } from "./ledger-rules.ts";
import { aliveState, stateWith } from "./pod-fixture.test-support.ts";
import type { NodeState } from "./state.ts";

const rules = loadLedgerRules();

function lines(before: NodeState, after: NodeState): readonly string[] {
  return diffStates(before, after, rules).map(
    ({ change, kind, key, class: owner }) => `${change} ${kind} ${key} ${owner}`,
  );
}

const link = (fields: Record<string, unknown>) => ({
  ifindex: 9,
  ifname: "veth0",
  flags: ["UP"],
  mtu: 1500,
  ...fields,
});

function only(items: readonly LedgerItem[]): LedgerItem {
  const [item] = items;
  if (!item || items.length > 1) throw new Error(`${items.length} items instead of one`);
  return item;
}

describe("diffStates", () => {
  it("tells nothing of equal states", () => {
    expect(lines(aliveState(), aliveState())).to.deep.equal([]);
  });

  it("tells all that a pod brings, each as the pod's, and a new namespace as one item", () => {
    const told = lines(stateWith({}), aliveState());
    expect(told).to.include("added netns cni-a pod");
    expect(told).to.include("added link vethaa pod");
    expect(told).to.include("added file /var/lib/cni/networks/net-a/10.1.1.2 pod");
    expect(told).to.include("added file /var/lib/cni/networks/net-a/last_reserved_ip.0 shared");
    expect(told.filter((line) => line.includes("cni-a/"))).to.deep.equal([]);
    expect(told.filter((line) => line.endsWith("unclassed"))).to.deep.equal([]);
  });

  for (const dir of ["/var/lib/cni/plumbline-sriov", "/var/lib/cni/sriov"]) {
    it(`takes a VF that is held for the pod's, and what stays with its device for nobody's: ${dir}`, () => {
      const files = [
        { path: dir, type: "directory" },
        { path: `${dir}/pci/vf_lock/0000:af:10.1.lock`, type: "file" },
        { path: `${dir}/pci/0000:af:10.1`, type: "file" },
        { path: `${dir}/c1-net1`, type: "file" },
        { path: "/run/k8s.cni.cncf.io/devinfo/dp/sim.plumbline.test-vf-0000:af:10.1-device.json", type: "file" },
      ].map((file) => ({ ...file, mode: "0600", size: 0 }));
      expect(lines(stateWith({}), stateWith({ files })).map((line) => line.split(" ").at(-1))).to.have.members([
        "shared",
        "shared",
        "pod",
        "pod",
        "shared",
      ]);
    });
  }

  it("looks inside a namespace that is the same in both states, but not inside one that was made anew", () => {
    const namespace = { name: "n", path: "/run/netns/n", inode: 7, mounted: true };
    const inside = { ...namespace, links: [link({ ifname: "net1" })] };
    expect(lines(stateWith({ namespaces: [namespace] }), stateWith({ namespaces: [inside] }))).to.deep.equal([
      "added link n/net1 unclassed",
    ]);
    expect(
      lines(stateWith({ namespaces: [namespace] }), stateWith({ namespaces: [{ ...inside, inode: 8 }] })),
    ).to.deep.equal(["changed netns n unclassed"]);
  });

  it("goes by the kernel's cookie where there is one: a new namespace may have the inode of the old one", () => {
    const namespace = { name: "n", path: "/run/netns/n", inode: 7, cookie: "4101", mounted: true };
    const anew = { ...namespace, cookie: "4102", links: [link({ ifname: "net1" })] };
    expect(lines(stateWith({ namespaces: [namespace] }), stateWith({ namespaces: [anew] }))).to.deep.equal([
      "changed netns n unclassed",
    ]);
  });

  it("tells a link's MTU once, also of one that is a bridge's port", () => {
    const withMtu = (mtu: number): NodeState =>
      stateWith({
        links: [link({ mtu })],
        bridge: { ports: [{ ifname: "veth0", master: "b0", mtu, state: "forwarding" }], fdb: [], vlans: [] },
      });
    expect(lines(withMtu(1500), withMtu(1400))).to.deep.equal(["changed link veth0 unclassed"]);
  });

  it("does not let what changes by itself hide what else has changed", () => {
    const before = stateWith({ links: [link({ operstate: "UP", master: "br0" })] });
    const quiet = stateWith({ links: [link({ operstate: "DOWN", master: "br0" })] });
    const loud = stateWith({ links: [link({ operstate: "DOWN" })] });
    expect(only(diffStates(before, quiet, rules))).to.deep.include({ class: "volatile", rule: "link-follows-others" });
    expect(only(diffStates(before, loud, rules))).to.deep.include({
      class: "unclassed",
      fields: ["master", "operstate"],
    });
  });

  it("gives a reason for every class, and none for what no rule speaks of", () => {
    const strange = { type: "unicast", dst: "192.0.2.0/24", dev: "eth9", table: "77" };
    const item = only(diffStates(stateWith({}), stateWith({ routes: [strange] }), rules));
    expect(item).to.deep.include({ class: "unclassed", rule: undefined, reason: undefined });
    for (const told of diffStates(stateWith({}), aliveState(), rules)) expect(told.reason, told.key).to.be.a("string");
  });

  it("compares firewall rules without counters and handles, equal ones by their number", () => {
    const rule = (handle: number, packets: number) => ({
      rule: {
        family: "inet",
        table: "t",
        chain: "c",
        handle,
        expr: [{ counter: { packets, bytes: 1 } }, { drop: null }],
      },
    });
    const one = stateWith({ nft: { nftables: [rule(1, 5)] } });
    const same = stateWith({ nft: { nftables: [rule(9, 70)] } });
    const twice = stateWith({ nft: { nftables: [rule(1, 5), rule(2, 0)] } });
    expect(lines(one, same)).to.deep.equal([]);
    expect(only(diffStates(one, twice, rules)).key).to.match(/^inet t c [0-9a-f]{12} #2$/);
  });

  it("reads a table of iptables-nft from the save program alone", () => {
    const nftables = [
      { table: { family: "ip", name: "nat", handle: 1 } },
      { table: { family: "ip", name: "own", handle: 2 } },
    ];
    const nft4 = "# Generated\n*nat\n:POSTROUTING ACCEPT [5:300]\n-A POSTROUTING -s 10.1.1.2/32 -j DROP\nCOMMIT\n";
    const told = lines(stateWith({}), stateWith({ nft: { nftables }, iptables: { nft4 } }));
    expect(told).to.deep.equal([
      "added iptables-chain nft4 nat POSTROUTING shared",
      "added iptables-rule nft4 nat -A POSTROUTING -s 10.1.1.2/32 -j DROP unclassed",
      "added nft-table ip own unclassed",
    ]);
  });

  it("does not mistake default routes of the two families for each other", () => {
    const routes = [
      { type: "unicast", dst: "default", dev: "eth0", table: "main" },
      { type: "unicast", dst: "default", dev: "eth0", table: "main", pref: "medium" },
    ];
    expect(diffStates(stateWith({}), stateWith({ routes }), rules).map((item) => item.key)).to.deep.equal([
      "4 default dev eth0 table main",
      "6 default dev eth0 table main",
    ]);
  });
});

describe("parseIptablesSave", () => {
  it("reads chains and rules of each table, with counters or without", () => {
    const text = "*filter\n:INPUT ACCEPT [1:2]\n[3:4] -A INPUT -j A\nCOMMIT\n*nat\n:CNI-a - [0:0]\nCOMMIT\n";
    expect(parseIptablesSave(text)).to.deep.equal([
      { name: "filter", chains: [{ name: "INPUT", policy: "ACCEPT" }], rules: ["-A INPUT -j A"] },
      { name: "nat", chains: [{ name: "CNI-a", policy: "-" }], rules: [] },
    ]);
  });
});

describe("loadLedgerRules", () => {
  it("refuses malformed files and ids used twice, naming them", () => {
    const dir = mkdtempSync(path.join(tmpdir(), "plumbline-rules-"));
    const one = "{ id: a, class: pod, kinds: [link], reason: long enough to be a reason }";
    try {
      for (const [content, word] of [
        [`rules: [${one}, ${one}]`, "id a"],
        ["rules: [{ id: a }]", "broken.yaml"],
        [`rules: [${one.replace("kinds", "key: '(', kinds")}]`, "broken.yaml"],
      ] as const) {
        writeFileSync(path.join(dir, "broken.yaml"), content);
        expect(() => loadLedgerRules(dir)).to.throw(PlumblineError, word);
      }
    } finally {
      rmSync(dir, { recursive: true });
    }
  });
});
